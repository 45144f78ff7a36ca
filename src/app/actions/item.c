// Actions on items of any kind, from the rows of its verbs: see item.h.
#include "item.h"

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "model/kind.h"
#include "model/param.h"
#include "model/verb.h"
#include "model/verb_help.h"
#include "ui/form.h"
#include "ui/key.h"
#include "ui/menu.h"

#include "app/jobs/jobs.h"
#include "app/know/app.h"
#include "app/know/rows.h"
#include "app/overlay/overlay.h"
#include "fields_form.h"
#include "intent.h"
#include "stream.h"

static bool has_fields(enum verb verb, enum kind kind)
{
	const struct verb_field *f;

	for (size_t i = 0; (f = verb_field(verb, 1u << kind, i)); i++)
		if (f->label && !(f->flags & FIELD_HIDDEN))
			return true;
	return false;
}

// A program that the dashboard runs needs a file where a shell would redirect.
static bool names_file(const struct fields_form *f, struct form *form, const struct params *params)
{
	const struct verb_field *file = verb_field(f->verb, 1u << f->kind, 0);

	if (!(verb_info(f->verb)->flags & ON_TERMINAL) || *params_or(params, file->name, ""))
		return true;
	form_fail(form, file->name, "enter the name of a file");
	return false;
}

static void form_do(struct app *app, struct overlay *o, const struct params *params)
{
	const struct fields_form *f = o->context;

	if (!(verb_info(f->verb)->flags & ON_TERMINAL)) {
		jobs_act_from(app, f->verb, &f->ids, params, o);
		return; // it stays open, filled in, until the engine is done
	}
	struct intent *intent = mem_new(sizeof(*intent));

	intent->verb = f->verb;
	strv_copy(&intent->ids, &f->ids);
	params_copy(&intent->params, params);
	overlay_pop(app);
	intent_ask(app, intent, NULL);
}

static bool form_answered(struct app *app, struct overlay *o, bool accepted)
{
	const struct fields_form *f = o->context;
	auto_params params = {0};

	if (!accepted)
		return true;
	if (fields_form_read(f, o->form, &params) && names_file(f, o->form, &params))
		form_do(app, o, &params);
	return false;
}

void item_form(struct app *app, int verb)
{
	const struct row *row = app_selected_item(app);
	struct fields_form *f = fields_form_new(app, (enum verb)verb, row->w.kind);
	auto_free char *title = mem_printf("%s '%s'", verb_info((enum verb)verb)->label, row->w.name);

	strv_add(&f->ids, row->w.id);
	if (verb == VERB_RESTORE)
		params_add(&f->fixed, PARAM_FORCE, "yes"); // the item exists
	fields_form_open(f, title, verb_info((enum verb)verb)->label, form_answered);
}

static bool restore_answered(struct app *app, struct overlay *o, bool accepted)
{
	const struct fields_form *f = o->context;
	auto_params params = {0};

	if (!accepted)
		return true;
	if (!fields_form_read(f, o->form, &params) || !names_file(f, o->form, &params))
		return false;
	auto_free char *name = mem_strdup(form_get(o->form, f->named->name));
	overlay_pop(app);
	stream_run_new(app, name, VERB_RESTORE, &params);
	return false;
}

void item_restore_new(struct app *app)
{
	struct fields_form *f = fields_form_new(app, VERB_RESTORE, KIND_VOLUME);

	f->named = verb_field_find(VERB_CREATE, 1u << KIND_VOLUME, PARAM_NAME);
	fields_form_open(f, "Restore a volume", verb_info(VERB_RESTORE)->label, restore_answered);
}

static bool picked_verb(struct app *app, struct overlay *o, bool accepted)
{
	const struct row *row = app_selected_item(app);
	int picked = menu_picked(o->menu);
	enum verb verb = (enum verb)picked;

	if (!accepted || picked < 0 || !row)
		return true;
	overlay_pop(app);
	if (!has_fields(verb, row->w.kind)) {
		struct intent *intent = mem_new(sizeof(*intent));

		intent->verb = verb;
		strv_add(&intent->ids, row->w.id);
		intent_ask(app, intent, NULL);
		return false;
	}
	item_form(app, picked);
	return false;
}

void item_menu(struct app *app)
{
	const struct row *row = app_selected_item(app);
	struct menu *menu = menu_new(row->w.name);
	size_t count = 0;

	for (enum verb v = 0; v < VERBS; v++) {
		const struct verb_info *info = verb_info(v);
		const char *refusal = info->flags & WRITES ? app_read_only(app) : NULL;

		if (!(info->flags & (ACTS | ON_TERMINAL)) || !verb_suits(v, row->w.kind))
			continue;
		auto_free char *help = verb_help_of(v, row->w.kind);
		menu_add(menu, K_NONE, info->label, help, refusal ? refusal : verb_refusal(v, &row->w), (int)v);
		count++;
	}
	if (count) {
		overlay_menu(app, menu, picked_verb);
		return;
	}
	menu_free(menu);
	app_say(app, false, "%s", app_none_selected(app));
}
