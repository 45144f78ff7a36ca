// The user's own commands: see own.h.
#include "own.h"

#include <errno.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "model/fact.h"
#include "ui/menu.h"

#include "app/jobs/command_line.h"
#include "app/know/app.h"
#include "app/know/machine.h"
#include "app/know/rows.h"
#include "foreground.h"

// Appends WORD with the {facts} of ROW: always one argument, and never turned into an option by their values.
static int word_expand(struct strv *out, const char *word, const struct row *row, struct err *e)
{
	const struct fact_source from = {&row->w.item, &row->sample, &row->rates, row_now(row)};
	auto_str text = {0};
	const char *at = word;

	while (*at) {
		size_t n = strcspn(at, "{"), length = at[n] ? strcspn(at + n, "}") : 0;

		str_add_bytes(&text, at, n);
		if (at[n])
			fact_add_plain(&text, (enum fact)fact_find(at + n + 1, length - 1), &from);
		at += n + length + (at[n] != '\0');
	}
	if (*word != '-' && str_text(&text)[0] == '-' && text.length > 1)
		return err_msg(e, EINVAL, "'%s' of '%s' begins with a dash", word, row->w.name);
	strv_add(out, str_text(&text));
	return 0;
}

static int own_argv(const struct own_command *c, const struct row *row, struct strv *argv, struct err *e)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < c->words.count; i++)
		r = word_expand(argv, c->words.items[i], row, e);
	return r;
}

void own_add_entries(const struct app *app, struct menu *menu, int first)
{
	const struct row *row = app_selected(app);

	for (size_t i = 0; i < app->settings.command_count; i++) {
		const struct own_command *c = &app->settings.commands[i];
		auto_strv argv = {0};
		struct err e = {0};

		if (!(c->kinds & 1u << row->w.kind))
			continue;
		int r = own_argv(c, row, &argv, &e);
		auto_free char *line = command_line_quote(&argv);
		menu_add(menu, c->key, c->name, line, r < 0 ? e.text : app_read_only(app), first + (int)i);
	}
}

void own_run(struct app *app, size_t index)
{
	const struct own_command *c = &app->settings.commands[index];
	const struct row *row = app_selected(app);
	auto_strv argv = {0};
	struct err e = {0};

	if (!row || !(c->kinds & 1u << row->w.kind)) {
		app_say(app, true, "%s: not available for the selected item", c->name);
		return;
	}
	if (app_read_only(app) || own_argv(c, row, &argv, &e) < 0) {
		app_say(app, true, "%s: %s", c->name, app_read_only(app) ? app_read_only(app) : e.text);
		return;
	}
	auto_free char *title = mem_printf("%s '%s'", c->name, row->w.name);
	foreground_run(app, &argv, title, NULL, true);
}

int own_find(const struct app *app, uint32_t key)
{
	for (size_t i = 0; key && i < app->settings.command_count; i++)
		if (app->settings.commands[i].key == key)
			return (int)i;
	return -1;
}
