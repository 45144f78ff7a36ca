// Actions on workloads: their dialogs and requests.
#include "workload.h"

#include <ctype.h>
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

// The stop menu: verbs with a place in it, and the choices of their fields (signals). The value of an entry is the
// verb and, in the higher bits, the choice.
enum { WAY_VALUE = 1 << 8 };

// The field of VERB that has choices; *VALUE is set to choice N, NULL: none.
static const struct verb_field *field_with_choices(enum verb verb, size_t n, char **value)
{
	const struct verb_field *f;
	auto_strv choices = {0};
	size_t i = 0;

	while ((f = verb_field(verb, KIND_BIT_ANY, i++)) && !f->choices)
		;
	strv_split(&choices, f ? f->choices : "", " ");
	*value = n < choices.count ? mem_strdup(choices.items[n]) : NULL;
	return f;
}

static bool stop_picked(struct app *app, struct overlay *o, bool accepted)
{
	int picked = menu_picked(o->menu);
	auto_free char *value = NULL;

	if (!accepted || picked < 0)
		return true;
	struct intent *intent = intent_detach(app, o);
	intent->verb = (enum verb)(picked % WAY_VALUE);
	if (picked >= WAY_VALUE) {
		const struct verb_field *f = field_with_choices(intent->verb, (size_t)(picked / WAY_VALUE - 1), &value);

		params_add(&intent->params, f->name, value);
	}
	intent_ask(app, intent, NULL);
	return false;
}

// A digit at the end of VALUE is its key. Letters may mean "back" or "down" elsewhere, and a slip must not send a
// signal.
static void add_value(const struct app *app, struct menu *menu, enum verb verb, size_t n, const struct verb_field *f,
                      const char *value)
{
	char last = value[strlen(value) - 1];
	auto_free char *label = mem_printf("%c%s %s", toupper((unsigned char)f->name[0]), f->name + 1, value);
	auto_params params = {0};

	params_add(&params, f->name, value);
	auto_free char *line = command_line_here(app, verb, &params);
	menu_add(menu, last >= '0' && last <= '9' ? (uint32_t)last : K_NONE, label, line, NULL,
	         (int)verb + (int)(n + 1) * WAY_VALUE);
}

static void add_values(const struct app *app, struct menu *menu, enum verb verb)
{
	for (size_t n = 0;; n++) {
		auto_free char *value = NULL;
		const struct verb_field *f = field_with_choices(verb, n, &value);

		if (!value)
			return;
		add_value(app, menu, verb, n, f, value);
	}
}

void act_stop_menu(struct app *app, int value)
{
	struct intent *intent = intent_new(app, VERB_STOP);
	unsigned kinds = intent_kinds(app, &intent->ids);
	bool guests = kinds & 1u << KIND_GUEST;

	(void)value;
	if (kinds >> WORKLOAD_KINDS) { // there is one way to stop a network
		intent_ask(app, intent, NULL);
		return;
	}
	auto_free char *name = intent_targets(app, &intent->ids), *title = mem_printf("Stop %s", name);
	struct menu *menu = menu_new(title);
	for (enum verb v = 0; v < VERBS; v++) {
		auto_free char *line = verb_info(v)->way ? command_line_here(app, v, NULL) : NULL;

		if (line)
			menu_add(menu, (uint32_t)verb_info(v)->key, verb_info(v)->way, line, NULL, (int)v);
	}
	for (enum verb v = 0; v < VERBS && !guests; v++) // guests do not receive signals
		if (verb_info(v)->way)
			add_values(app, menu, v);
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
	strv_add(&intent->ids, row->w.id); // one at a time: names are unique
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
	// several cannot share a form: the journal has the refusals
	jobs_act_from(app, f->verb, &f->ids, &params, f->ids.count == 1 ? o : NULL);
	return f->ids.count != 1;
}

static void limits_open(struct app *app, const struct workload *w, const struct params *present)
{
	struct fields_form *f = fields_form_new(app, VERB_SET, w->kind);

	app_targets(app, &f->ids);
	if (f->ids.count < 2) { // several have different values
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
