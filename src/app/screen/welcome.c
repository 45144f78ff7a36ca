// The text for an empty list: why it is empty, and what can be done.
#include "welcome.h"

#include "base/mem.h"
#include "client/link.h"
#include "model/workload.h"
#include "ui/canvas.h"
#include "ui/key.h"
#include "ui/keymap.h"

#include "app/actions/actions.h"
#include "app/know/app.h"
#include "app/list/list.h"

// Items that are listed only while viewed may not have arrived yet.
static const char *why_empty(const struct app *app)
{
	int kind = view_kind(app->list->view);
	bool coming = kind >= WORKLOAD_KINDS && !app->others.kinds[kind] &&
	              machines_count(&app->machines, (enum kind)kind);

	return coming                             ? "listing …"
	       : app->list->filter                ? "No matches. Esc clears the filter."
	       : app->list->view == VIEW_PROBLEMS ? "No problems."
	                                          : "None of this kind.";
}

void welcome_draw(struct app *app, struct area a)
{
	const struct machine *m = app_machine(app);
	const struct link_engine *engine;
	char key[KEY_NAME];
	int row = a.rows > 14 ? 2 : 0, column = a.columns > 70 ? 4 : 1;

	if (!app->list->filter && app->rows.count) // its trouble may explain why there are none of this kind
		for (size_t i = 0; (engine = link_engine(m->link, i)); i++)
			if (engine->note && view_kind(app->list->view) == (int)engine->kind)
				area_wrap(area_sub(a, row + 2, column, -1, -1), 0, PEN(ROLE_DIM), engine->note);
	if (app->list->filter || app->rows.count) {
		area_text(a, row, column, -1, PEN(ROLE_DIM), why_empty(app));
		return;
	}
	if (!link_is_up(m->link) && !m->lost) {
		area_text(a, row, column, -1, PEN(ROLE_DIM), "connecting …");
		return;
	}
	area_text(a, row++, column, -1, PEN(ROLE_TITLE), "No guests or containers yet.");
	row++;
	for (size_t i = 0; (engine = link_engine(m->link, i)); i++) {
		bool waiting = !engine->listed && !engine->trouble;

		if (engine->kind == KIND_JOB) // an engine for leftovers of others; it is fine to have none
			continue;
		area_glyph(a, row, column, PEN(engine->trouble ? ROLE_WARNING : ROLE_GOOD),
		           engine->trouble ? "✗"
		           : waiting       ? "…"
		                           : "✓",
		           engine->trouble ? "x" : "+");
		int n = area_text(a, row, column + 2, -1, PEN(ROLE_TEXT), engine->name);
		auto_free char *text = engine->trouble || engine->note
		                           ? mem_strdup(engine->trouble ? engine->trouble : engine->note)
		                           : mem_printf("%s", waiting                      ? "listing its workloads"
		                                              : engine->kind == KIND_GUEST ? "ready for guests"
		                                                                           : "ready for containers");
		struct area rest = area_sub(a, row, column + 2 + n + 2, -1, -1);
		row += area_wrap(rest, 0, PEN(engine->trouble ? ROLE_WARNING : ROLE_DIM), text);
	}
	row++;
	static const struct {
		const char *action, *text;
	} offers[] = {{"create", "create a container (for example from this host's own files) or a guest"},
	              {"help", "all keys"},
	              {"setup", "columns and themes"},
	              {"leave", "quit"}};
	for (size_t i = 0; i < ARRAY_SIZE(offers); i++) {
		int index = keymap_action(app->keymap, offers[i].action);

		if (action_writes(&actions[index]) && app_read_only(app))
			continue;
		int n = area_text(a, row, column, -1, PEN(ROLE_KEY), key_format(key, keymap_first(app->keymap, index)));
		area_text(a, row++, column + (n > 2 ? n : 2) + 1, -1, PEN(ROLE_TEXT), offers[i].text);
	}
}
