// Deleting: the menu, which files go, and the question.
#include "delete.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "client/link.h"
#include "model/id.h"
#include "model/stream.h"
#include "model/param.h"
#include "model/verb.h"
#include "model/workload.h"
#include "ui/menu.h"

#include "app/jobs/command_line.h"
#include "app/know/app.h"
#include "app/know/rows.h"
#include "app/overlay/overlay.h"
#include "intent.h"

enum { DELETE_KEEP, DELETE_STORAGE, DELETE_VOLUMES };

// Asks once it is known what would be deleted, or that it cannot be known.
struct delete_question {
	struct app *app;
	struct intent *intent;
	size_t next; // the workloads, whose details are read one after the other
	struct str details;
	bool unknown;
};

static void delete_read_next(struct delete_question *q);

static void question_free(void *context)
{
	struct delete_question *q = context;

	if (q->intent)
		intent_free(q->intent);
	str_done(&q->details);
	free(q);
}

static void question_ask(struct delete_question *q)
{
	struct app *app = q->app;

	intent_ask(app, steal(q->intent), q->unknown ? NULL : str_text(&q->details));
	app_dirty(app);
	question_free(q);
}

bool delete_needs_force(const struct app *app, const struct strv *ids)
{
	return any_is_active(app, ids) && verb_field_find(VERB_DELETE, intent_kinds(app, ids), PARAM_FORCE);
}

// --- anonymous volumes of containers ---

static bool volumes_picked(struct app *app, struct overlay *o, bool accepted)
{
	int picked = menu_picked(o->menu);
	struct delete_question *q = o->context;

	if (!accepted || picked < 0)
		return true;
	o->context = NULL;
	o->free_context = NULL;
	overlay_pop(app);
	if (picked == DELETE_VOLUMES)
		params_add(&q->intent->params, PARAM_VOLUMES, "yes");
	question_ask(q);
	return false;
}

static void add_volumes_entry(struct delete_question *q, struct menu *menu, uint32_t key, const char *label, int value)
{
	auto_params params = {0};

	params_copy(&params, &q->intent->params);
	if (value == DELETE_VOLUMES)
		params_add(&params, PARAM_VOLUMES, "yes");
	auto_free char *line = command_line_of_verb(q->app, VERB_DELETE, &q->intent->ids, &params);
	menu_add(menu, key, label, line, NULL, value);
}

static void question_offer_volumes(struct delete_question *q)
{
	auto_free char *name = intent_targets(q->app, &q->intent->ids), *title = mem_printf("Delete %s", name);
	struct menu *menu = menu_new(title);

	add_volumes_entry(q, menu, 'k', "Delete, keep the anonymous volumes …", DELETE_KEEP);
	add_volumes_entry(q, menu, 'd', "Delete with the anonymous volumes …", DELETE_VOLUMES);
	struct overlay *o = overlay_menu(q->app, menu, volumes_picked);
	o->context = q;
	o->free_context = question_free;
	app_dirty(q->app);
}

static bool has_own_volumes(const struct delete_question *q)
{
	bool containers = intent_kinds(q->app, &q->intent->ids) == 1u << KIND_CONTAINER;

	return containers && !q->unknown && strstr(str_text(&q->details), "\n" DETAIL_OWN_VOLUME);
}

// --- details ---

static void delete_on_details(void *context, const struct err *e, const char *text)
{
	struct delete_question *q = context;

	if (e->code == ECANCELED) { // the link closes
		question_free(q);
		return;
	}
	q->unknown |= e->code != 0;
	if (!e->code)
		str_addf(&q->details, "%s\n", text);
	delete_read_next(q);
}

// Containers without volumes have nothing that their details would add.
static bool is_worth_reading(const struct row *row)
{
	bool found = row->w.kind == KIND_GUEST;

	for (size_t i = 0; row->w.kind == KIND_CONTAINER && i < row->w.uses.count; i++)
		found |= id_is_complete(row->w.uses.items[i]) && id_may_be(row->w.uses.items[i], KIND_VOLUME);
	return found;
}

static void delete_read_next(struct delete_question *q)
{
	while (q->next < q->intent->ids.count) {
		const struct row *row = rows_find(&q->app->rows, q->intent->ids.items[q->next++]);

		if (row && is_worth_reading(row)) {
			link_read(row->machine->link, row->w.id, DOCUMENT_DETAILS, delete_on_details, q);
			return;
		}
	}
	if (has_own_volumes(q))
		question_offer_volumes(q);
	else
		question_ask(q);
}

static void delete_ask(struct app *app, struct intent *intent, bool storage)
{
	struct delete_question *q = mem_new(sizeof(*q));

	if (storage)
		params_add(&intent->params, PARAM_STORAGE, "yes");
	if (delete_needs_force(app, &intent->ids))
		params_add(&intent->params, PARAM_FORCE, "yes");
	*q = (struct delete_question){.app = app, .intent = intent};
	delete_read_next(q);
}

static bool delete_picked(struct app *app, struct overlay *o, bool accepted)
{
	int picked = menu_picked(o->menu);

	if (!accepted || picked < 0)
		return true;
	struct intent *intent = intent_detach(app, o);
	delete_ask(app, intent, picked == DELETE_STORAGE);
	return false;
}

void act_delete_menu(struct app *app, int value)
{
	struct intent *intent = intent_new(app, VERB_DELETE);

	(void)value;
	if (intent_kinds(app, &intent->ids) & 1u << KIND_JOB) {
		const struct row *row = app_row(app, intent->ids.items[0]);

		intent->verb = row && row->w.state == STATE_RUNNING ? VERB_CANCEL : VERB_DELETE;
		intent_ask(app, intent, NULL);
		return;
	}
	if (!(intent_kinds(app, &intent->ids) & 1u << KIND_GUEST)) {
		delete_ask(app, intent, false);
		return;
	}
	auto_free char *name = intent_targets(app, &intent->ids), *title = mem_printf("Delete %s", name);
	struct menu *menu = menu_new(title);
	auto_params keep = {0}, storage = {0};
	if (delete_needs_force(app, &intent->ids))
		params_add(&keep, PARAM_FORCE, "yes");
	params_add(&storage, PARAM_STORAGE, "yes");
	params_copy(&storage, &keep);
	auto_free char *keep_line = command_line_here(app, VERB_DELETE, &keep),
	               *storage_line = command_line_here(app, VERB_DELETE, &storage);
	menu_add(menu, 'k', "Delete, keep the disks …", keep_line, NULL, DELETE_KEEP);
	menu_add(menu, 'd', "Delete with the disks …", storage_line, NULL, DELETE_STORAGE);
	struct overlay *o = overlay_menu(app, menu, delete_picked);
	o->context = intent;
	o->free_context = intent_free;
}
