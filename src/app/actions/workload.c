// What is done to workloads: the questions before it, and the requests.
#include "workload.h"

#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "model/name.h"
#include "model/param.h"
#include "model/verb.h"
#include "model/workload.h"
#include "ui/field.h"
#include "ui/form.h"
#include "ui/key.h"
#include "ui/menu.h"

#include "app/jobs/command_line.h"
#include "app/jobs/jobs.h"
#include "app/know/app.h"
#include "app/know/rows.h"
#include "app/overlay/overlay.h"
#include "intent.h"

void act_verb(struct app *app, enum verb verb)
{
	struct intent *intent = intent_new(app, verb);

	intent_ask(app, intent, NULL);
}

// The entries of the stop menu: how, and what that is called on the command line.
static const struct stop_way {
	uint32_t key;
	const char *label;
	enum verb verb;
	const char *signal; // of VERB_KILL, NULL = by force
	bool container_only;
} stop_ways[] = {
	{.key = 'g', .label = "Stop gracefully (containers are killed after 10 s)", .verb = VERB_STOP},
	{.key = 'f', .label = "Force stop", .verb = VERB_KILL},
	{.key = 'r', .label = "Restart", .verb = VERB_RESTART},
	// no letter that means "back" or "down" elsewhere: a slip must not send a signal
	{.key = K_NONE, .label = "Signal HUP (often: reload the configuration)", .verb = VERB_KILL, .signal = "HUP",
	 .container_only = true},
	{.key = K_NONE, .label = "Signal INT", .verb = VERB_KILL, .signal = "INT", .container_only = true},
	{.key = K_NONE, .label = "Signal QUIT", .verb = VERB_KILL, .signal = "QUIT", .container_only = true},
	{.key = K_NONE, .label = "Signal TERM", .verb = VERB_KILL, .signal = "TERM", .container_only = true},
	{.key = '1', .label = "Signal USR1", .verb = VERB_KILL, .signal = "USR1", .container_only = true},
	{.key = '2', .label = "Signal USR2", .verb = VERB_KILL, .signal = "USR2", .container_only = true},
};

static bool stop_picked(struct app *app, struct overlay *o, bool accepted)
{
	int picked = menu_picked(o->menu);

	if (!accepted || picked < 0)
		return true;
	struct intent *intent = intent_detach(app, o);
	const struct stop_way *stop_way = &stop_ways[picked];
	intent->verb = stop_way->verb;
	if (stop_way->signal)
		params_add(&intent->params, PARAM_SIGNAL, stop_way->signal);
	intent_ask(app, intent, NULL);
	return false;
}

void act_stop_menu(struct app *app, int value)
{
	struct intent *intent = intent_new(app, VERB_STOP);
	auto_free char *name = intent_targets(app, &intent->ids), *title = mem_printf("Stop %s", name);
	struct menu *menu = menu_new(title);
	bool guests = intent_kinds(app, &intent->ids) & 1u << KIND_GUEST;

	(void)value;
	for (size_t i = 0; i < ARRAY_SIZE(stop_ways); i++) {
		auto_params params = {0};

		if (stop_ways[i].container_only && guests)
			continue;
		if (stop_ways[i].signal)
			params_add(&params, PARAM_SIGNAL, stop_ways[i].signal);
		auto_free char *line = command_line_here(app, stop_ways[i].verb, &params);
		menu_add(menu, stop_ways[i].key, stop_ways[i].label, line, NULL, (int)i);
	}
	struct overlay *o = overlay_menu(app, menu, stop_picked);
	o->context = intent;
	o->free_context = intent_free;
}

static bool rename_answered(struct app *app, struct overlay *o, bool accepted)
{
	struct intent *intent = o->context;

	if (!accepted || !*field_text(o->field))
		return true;
	struct err e;

	if (name_check(NAME_OF_ANY, field_text(o->field), &e) < 0) {
		app_say(app, true, "%s", e.text);
		return false;
	}
	params_add(&intent->params, PARAM_TO, field_text(o->field));
	jobs_act(app, intent->verb, &intent->ids, &intent->params);
	return true;
}

void act_rename(struct app *app, int value)
{
	const struct row *row = app_selected(app);
	struct intent *intent = mem_new(sizeof(*intent));

	(void)value;
	intent->verb = VERB_RENAME;
	strv_add(&intent->ids, row->w.id); // one at a time: two cannot have one name
	struct overlay *o = overlay_prompt(app, "New name", row->w.name, rename_answered);
	o->context = intent;
	o->free_context = intent_free;
}

static bool limits_answered(struct app *app, struct overlay *o, bool accepted)
{
	struct intent *intent = o->context;

	if (!accepted)
		return true;
	form_values(o->form, &intent->params);
	if (intent->params.count)
		jobs_act(app, intent->verb, &intent->ids, &intent->params);
	return true;
}

static int limit_valid(void *context, const struct form *form, const char *name, const char *value, struct err *e)
{
	const struct intent *intent = context;
	const struct verb_field *f = verb_field_find(VERB_SET, intent->kinds, name);

	(void)form;
	return f && *value ? verb_check_value(f, value, e) : 0;
}

void act_limits(struct app *app, int value)
{
	static struct form_row rows[16]; // must outlive the form; made anew for each
	const struct row *row = app_selected(app);
	struct intent *intent = intent_new(app, VERB_SET);
	const struct verb_field *f;
	size_t count = 0;

	(void)value;
	intent->kinds = 1u << row->w.kind;
	for (size_t i = 0; (f = verb_field(VERB_SET, intent->kinds, i)) && count < ARRAY_SIZE(rows); i++)
		rows[count++] = (struct form_row){.name = f->name, .label = f->label, .help = f->help, .initial = ""};
	auto_free char *name = intent_targets(app, &intent->ids),
	               *title = mem_printf("Limits of %s (leave empty to keep%s)", name,
	                                   row->w.kind == KIND_CONTAINER ? "; 0 lifts a limit" : "");
	struct overlay *o =
	    overlay_form(app, form_new(title, "Change", rows, count, limit_valid, intent), limits_answered);
	o->context = intent;
	o->free_context = intent_free;
}

void act_cpus(struct app *app, int step)
{
	const struct row *row = app_selected(app);
	auto_params params = {0};
	auto_strv ids = {0};
	double wanted = cpus_after_step(row, step);

	if (wanted == row->w.cpus) {
		app_say(app, false, "'%s' has %g CPUs: %s", row->w.name, wanted,
		        step < 0 ? "that is the minimum" : "the host has no more");
		return;
	}
	params_add_cpus(&params, wanted);
	strv_add(&ids, row->w.id);
	jobs_act(app, VERB_SET, &ids, &params);
}

void act_undo(struct app *app, int value)
{
	(void)value;
	jobs_undo(app);
}
