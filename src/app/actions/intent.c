// The targets of an action while questions are open: see intent.h.
#include "intent.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/str.h"
#include "model/id.h"
#include "model/kind.h"
#include "model/verb.h"
#include "model/workload.h"
#include "ui/dialog.h"

#include "app/jobs/command_line.h"
#include "app/jobs/jobs.h"
#include "app/know/app.h"
#include "app/know/rows.h"
#include "app/overlay/overlay.h"
#include "stream.h"

void intent_free(void *context)
{
	struct intent *intent = context;

	strv_done(&intent->ids);
	params_done(&intent->params);
	free(intent);
}

struct intent *intent_new(const struct app *app, enum verb verb)
{
	struct intent *intent = mem_new(sizeof(*intent));

	intent->verb = verb;
	app_targets(app, &intent->ids);
	return intent;
}

struct intent *intent_detach(struct app *app, struct overlay *o)
{
	struct intent *intent = o->context;

	o->context = NULL;
	o->free_context = NULL;
	overlay_pop(app);
	return intent;
}

static void intent_do(struct app *app, const struct intent *intent)
{
	const struct row *row = app_row(app, intent->ids.items[0]);

	if (!(verb_info(intent->verb)->flags & ON_TERMINAL))
		jobs_act(app, intent->verb, &intent->ids, &intent->params);
	else if (row) // otherwise it was deleted meanwhile
		stream_run_verb(app, row, intent->verb, &intent->params);
}

static bool intent_answered(struct app *app, struct overlay *o, bool accepted)
{
	struct intent *intent = o->context;

	if (accepted)
		intent_do(app, intent);
	return true;
}

char *intent_targets(const struct app *app, const struct strv *ids)
{
	const struct row *row = ids->count == 1 ? app_row(app, ids->items[0]) : NULL;

	return row ? mem_printf("'%s'", row->w.name)
	           : mem_printf("%zu %s", ids->count, kinds_plural(intent_kinds(app, ids)));
}

static void intent_add_names(const struct app *app, const struct strv *ids, struct str *out)
{
	enum { MOST = 8 };

	for (size_t i = 0; i < ids->count && i < MOST; i++) {
		const struct row *row = app_row(app, ids->items[i]);

		str_add(out, i ? ", " : "");
		if (row)
			str_add(out, row->w.name);
		else
			id_add_words(out, ids->items[i]);
	}
	if (ids->count > MOST)
		str_addf(out, " and %zu more", ids->count - MOST);
	str_add(out, ".\n");
}

unsigned intent_kinds(const struct app *app, const struct strv *ids)
{
	unsigned kinds = 0;

	for (size_t i = 0; i < ids->count; i++) {
		const struct row *row = app_row(app, ids->items[i]);

		kinds |= row ? 1u << row->w.kind : 0;
	}
	return kinds;
}

static void intent_confirm(struct app *app, struct intent *intent, const char *body, bool typed)
{
	const struct row *row = intent->ids.count == 1 ? app_row(app, intent->ids.items[0]) : NULL;
	auto_free char *name = intent_targets(app, &intent->ids),
	               *title = mem_printf("%s %s?", verb_info(intent->verb)->label, name);
	auto_free char *word = row ? mem_strdup(row->w.name) : mem_printf("%zu", intent->ids.count);
	struct overlay *o =
	    overlay_dialog(app, typed ? dialog_typed(title, body, word) : dialog_confirm(title, body), intent_answered);

	o->context = intent;
	o->free_context = intent_free;
}

void intent_ask(struct app *app, struct intent *intent, const char *details)
{
	const struct verb_loss loss = {.kinds = intent_kinds(app, &intent->ids),
	                               .count = intent->ids.count,
	                               .active = any_is_active(app, &intent->ids),
	                               .params = &intent->params,
	                               .details = details};
	auto_str lost = {0}, body = {0};

	bool typed = verb_loses(intent->verb, &lost, &loss);
	if (!lost.length) {
		intent_do(app, intent);
		intent_free(intent);
		return;
	}
	if (intent->ids.count > 1)
		intent_add_names(app, &intent->ids, &body);
	str_add(&body, str_text(&lost));
	intent_confirm(app, intent, str_text(&body), typed);
}
