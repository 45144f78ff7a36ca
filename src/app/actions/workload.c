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
#include "fields_form.h"
#include "intent.h"
#include "recipe.h"

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
	const struct fields_form *f = o->context;
	auto_params params = {0};

	if (!accepted)
		return true;
	fields_form_collect(f, o->form, &params);
	if (!params.count)
		return true;
	// several cannot share one form: what is refused then is in the journal
	jobs_act_from(app, f->verb, &f->ids, &params, f->ids.count == 1 ? o : NULL);
	return f->ids.count != 1;
}

static void limits_open(struct app *app, const struct workload *w, const struct params *present)
{
	struct fields_form *f = fields_form_new(app, VERB_SET, w->kind);

	app_targets(app, &f->ids);
	if (f->ids.count < 2) { // those of several differ
		strv_done(&f->ids);
		strv_add(&f->ids, w->id);
		params_copy(&f->present, present);
	}
	auto_free char *name = intent_targets(app, &f->ids),
	               *title = mem_printf("Limits of %s%s", name, f->ids.count > 1 ? " (leave empty to keep)" : "");
	fields_form_open(f, title, "Change", limits_answered);
}

void act_limits(struct app *app, int value)
{
	(void)value;
	recipe_read(app, app_selected(app)->w.id, limits_open);
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
