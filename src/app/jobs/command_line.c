// Command lines: see command_line.h.
#include "command_line.h"

#include <string.h>

#include "app/app.h"
#include "base/mem.h"
#include "base/str.h"
#include "model/name.h"
#include "model/param.h"
#include "model/verb.h"
#include "model/workload.h"

#include "app/know/app.h"
#include "app/know/rows.h"

char *command_line_quote(const struct strv *words)
{
	auto_str line = {0};

	for (size_t i = 0; i < words->count; i++) {
		if (i)
			str_add_char(&line, ' ');
		str_add_quoted(&line, words->items[i]);
	}
	return str_steal(&line);
}

// The global options of this dashboard: host and engines.
static void command_line_begin(const struct app *app, struct strv *words)
{
	const struct strv *engines = app->options->engines;

	strv_add(words, "hostel");
	if (app->options->host) {
		strv_add(words, "-H");
		strv_add(words, app->options->host);
	}
	for (size_t i = 0; engines && i < engines->count; i++) {
		strv_add(words, "--" OPTION_ENGINE);
		strv_add(words, engines->items[i]);
	}
}

const char *command_line_operand(const struct app *app, const char *id)
{
	const struct row *row = app_row(app, id);
	const struct rows *rows = row && row->other ? &app->others : &app->rows;
	size_t same = 0;

	for (size_t i = 0; row && i < rows->count; i++)
		same += str_equal(rows->items[i]->w.name, row->w.name) &&
		        (!row->other || rows->items[i]->w.kind == row->w.kind); // command lines for other items name the kind
	return row && same == 1 && name_is_valid(NAME_OF_ANY, row->w.name) ? row->w.name : id;
}

char *command_line_of_verb(const struct app *app, enum verb verb, const struct strv *ids, const struct params *params)
{
	auto_strv words = {0};

	const struct row *first = ids->count ? app_row(app, ids->items[0]) : NULL;

	command_line_begin(app, &words);
	if (first && first->other)
		strv_add(&words, kind_name(first->w.kind));
	strv_add(&words, verb_info(verb)->name);
	verb_add_options(verb, params, &words);
	for (size_t i = 0; i < ids->count; i++)
		strv_add(&words, command_line_operand(app, ids->items[i]));
	verb_add_operands(verb, params, &words);
	return command_line_quote(&words);
}

char *command_line_here(const struct app *app, enum verb verb, const struct params *params)
{
	auto_strv ids = {0};

	app_targets(app, &ids);
	return command_line_of_verb(app, verb, &ids, params);
}

char *command_line_of_new(const struct app *app, enum verb verb, enum kind kind, const char *name,
                          const struct params *params)
{
	auto_strv words = {0};

	command_line_begin(app, &words);
	strv_add(&words, kind_name(kind));
	strv_add(&words, verb_info(verb)->name);
	verb_add_options(verb, params, &words);
	strv_add(&words, name);
	return command_line_quote(&words);
}

char *command_line_of_creation(const struct app *app, enum kind kind, const struct params *params)
{
	auto_strv words = {0};
	enum verb verb = str_equal(params_get(params, PARAM_START), "yes") ? VERB_RUN : VERB_CREATE;

	command_line_begin(app, &words);
	if (!kind_is_workload(kind))
		strv_add(&words, kind_name(kind));
	strv_add(&words, verb_info(verb)->name);
	if (verb == VERB_RUN)
		strv_add(&words, "--" PARAM_DETACH);
	if (kind_is_workload(kind))
		strv_add(&words, kind_name(kind));
	verb_add_options(verb, params, &words);
	verb_add_operands(verb, params, &words);
	return command_line_quote(&words);
}

const char command_line_shell[] = "command -v bash >/dev/null && exec bash; exec sh";

double cpus_after_step(const struct row *row, int step)
{
	double all = row_host_cpus(row) ? row_host_cpus(row) : 1, now = row->w.cpus > 0 ? row->w.cpus : all;
	double by = row->w.kind == KIND_GUEST             ? 1
	            : now + (step < 0 ? -0.01 : 0.01) > 1 ? 0.5
	                                                  : 0.1,
	       wanted = now + step * by;
	double least = row->w.kind == KIND_GUEST ? 1 : 0.1, most = now > all ? now : all;

	return wanted < least ? least : wanted > most ? most : wanted;
}

void params_add_cpus(struct params *params, double cpus)
{
	auto_free char *text = mem_printf("%g", cpus);

	params_add(params, PARAM_CPUS, text);
}

bool any_is_active(const struct app *app, const struct strv *ids)
{
	for (size_t i = 0; i < ids->count; i++) {
		const struct row *row = app_row(app, ids->items[i]);

		if (row && row_runs(row))
			return true;
	}
	return false;
}
