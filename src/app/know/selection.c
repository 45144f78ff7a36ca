// The targets of actions: named on the ':' line, marked, or selected, and their machine.
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "model/id.h"
#include "model/kind.h"
#include "ui/table.h"

#include "app.h"
#include "rows.h"

struct row *app_selected(const struct app *app)
{
	return rows_find(&app->rows, table_selected(app->table));
}

struct row *app_row(const struct app *app, const char *id)
{
	struct row *row = rows_find(&app->rows, id);

	return row ? row : rows_find(&app->others, id);
}

struct row *app_selected_item(const struct app *app)
{
	return app_row(app, table_selected(app->table));
}

struct machine *app_machine(const struct app *app)
{
	const struct row *row = app_selected_item(app);

	return row ? row->machine : app->machines.items[0];
}

const char *app_read_only(const struct app *app)
{
	return app_machine(app)->read_only;
}

void app_add_item(const struct app *app, const char *id, struct str *out)
{
	const struct row *row = app_row(app, id);

	if (row && row->w.name)
		str_addf(out, "%s %s", kind_name(row->w.kind), row->w.name);
	else
		id_add_words(out, id);
}

const char *app_none_selected(const struct app *app)
{
	return app_selected_item(app) ? "this kind of item can only be viewed" : "nothing is selected";
}

void app_targets(const struct app *app, struct strv *out)
{
	const struct table *t = app->table;

	if (app->named_set)
		strv_copy(out, &app->named);
	else if (t->marks.count)
		strv_copy(out, &t->marks);
	else if (app_selected_item(app))
		strv_add(out, t->selected);
}

void app_chosen(struct app *app)
{
	int64_t now = clock_mono();

	app->hurried = now - app->moved_at < SECOND / 4;
	app->moved_at = now;
	free(steal(app->wanted));
}

void app_select_later(struct app *app, const char *id)
{
	free(app->wanted);
	app->wanted = mem_strdup(id);
	app->rows_changed = true;
}

void app_selection_changed(struct app *app)
{
	app->pane_due = true;
	app_dirty(app);
}
