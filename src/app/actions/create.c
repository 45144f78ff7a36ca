// The dialogs for new workloads, made from the fields of the verb.
#include "create.h"

#include <string.h>

#include "app/app.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "client/link.h"
#include "model/param.h"
#include "model/verb.h"
#include "model/workload.h"
#include "ui/form.h"
#include "ui/menu.h"

#include "app/jobs/jobs.h"
#include "app/know/app.h"
#include "app/overlay/overlay.h"
#include "fields_form.h"
#include "item.h"
#include "recipe.h"

static bool create_answered(struct app *app, struct overlay *o, bool accepted)
{
	const struct fields_form *f = o->context;
	auto_params params = {0};

	if (!accepted)
		return true;
	if (fields_form_read(f, o->form, &params))
		jobs_create(app, f->kind, &params, o);
	return false; // it stays open, filled in, until the engine is done
}

// Forms start what they create by default.
void create_open(struct app *app, enum kind kind, const struct params *like)
{
	struct fields_form *f = fields_form_new(app, VERB_CREATE, kind);

	if (like)
		params_copy(&f->present, like);
	else if (kind == KIND_CONTAINER)
		params_set(&f->present, PARAM_NETWORK, app->settings.network);
	if (verb_field_find(VERB_CREATE, 1u << kind, PARAM_START))
		params_set(&f->present, PARAM_START, "yes");
	const char *name = kind_name(kind);
	auto_free char *title = mem_printf("Create %s %s", strchr("aeiou", *name) ? "an" : "a", name);
	fields_form_open(f, title, "Create", create_answered);
}

static void create_open_like(struct app *app, const struct workload *w, const struct params *recipe)
{
	create_open(app, w->kind, recipe);
}

void act_create_like(struct app *app, int value)
{
	(void)value;
	recipe_read(app, app_selected(app)->w.id, create_open_like);
}

enum { RESTORED = KINDS }; // the entry for a volume from a backup

static bool create_picked(struct app *app, struct overlay *o, bool accepted)
{
	int picked = menu_picked(o->menu);

	if (!accepted || picked < 0)
		return true;
	overlay_pop(app);
	if (picked == RESTORED)
		item_restore_new(app);
	else
		create_open(app, (enum kind)picked, NULL);
	return false;
}

// Why KIND cannot be created; NULL = it can.
static const char *create_refusal(const struct app *app, enum kind kind)
{
	const struct link_engine *engine;
	const char *trouble = "no engine on this host can create it";

	for (size_t i = 0; (engine = link_engine(app_machine(app)->link, i)); i++) {
		if (!(engine->creates >> kind & 1))
			continue;
		if (!engine->trouble)
			return NULL;
		trouble = engine->trouble;
	}
	return trouble;
}

void act_create_menu(struct app *app, int value)
{
	struct menu *menu = menu_new("Create");

	(void)value;
	for (enum kind kind = 0; kind < KINDS; kind++) {
		const char *refusal = create_refusal(app, kind), *name = kind_name(kind);
		auto_free char *label = mem_printf("A%s", kind_phrase(kind) + 1);

		if (kind_recipe(kind) && !(refusal && kind_info(kind)->simulated))
			menu_add(menu, (uint32_t)*name, label, kind_info(kind)->origin, refusal, (int)kind);
	}
	menu_add(menu, 'r', "A volume from a backup", "from a file", create_refusal(app, KIND_VOLUME), RESTORED);
	overlay_menu(app, menu, create_picked);
}
