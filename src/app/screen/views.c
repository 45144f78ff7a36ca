// The line of views: see views.h.
#include "views.h"

#include "base/mem.h"
#include "ui/canvas.h"

#include "app/jobs/jobs.h"
#include "app/know/app.h"
#include "app/list/list.h"
#include "layout.h"

size_t view_size(const struct app *app, size_t view)
{
	int kind = view_kind(view);

	if (view == VIEW_PROBLEMS)
		return app->rows.problems;
	if (kind < 0)
		return app->rows.count;
	return kind < WORKLOAD_KINDS ? app->rows.kinds[kind] : machines_count(&app->machines, (enum kind)kind);
}

// NULL: not shown, since it has no number and is not open.
static char *view_label(const struct app *app, size_t view)
{
	char key = view_key(view);

	if (!key && view != app->list->view)
		return NULL;
	return key ? mem_printf(" %c %s %zu ", key, view_name(view), view_size(app, view))
	           : mem_printf(" %s %zu ", view_name(view), view_size(app, view));
}

// "12/159", the position in a list that does not fit on the screen. NULL: it fits. Owned.
static char *place_text(const struct app *app)
{
	size_t count = app->list->count, index = table_index(&app->list->table);

	if (app->zoomed || index >= count || (int)count < app->layout->list.rows)
		return NULL;
	return mem_printf("%zu/%zu", index + 1, count);
}

// The columns available for the views: all except those of PLACE.
static int views_room(const struct app *app, const char *place)
{
	return app->canvas.columns - (place ? text_width(place) + 2 : 0);
}

// Whether view I, called NAME, is shown at column AT: Problems always, the others as long as there is ROOM.
static bool view_fits(const struct app *app, size_t i, const char *name, int at, int room)
{
	auto_free char *problems = view_label(app, VIEW_PROBLEMS);

	return i == VIEW_PROBLEMS || i == app->list->view || at + text_width(name) + 1 + text_width(problems) <= room;
}

static struct pen view_pen(const struct app *app, size_t i)
{
	bool wrong = i == VIEW_PROBLEMS && app->rows.problems;

	return PEN(i == app->list->view ? ROLE_TAB : wrong ? ROLE_WARNING : ROLE_DIM);
}

// "/ web  (1 of 14, Esc clears)", without the key if ROOM columns are too few. Owned.
static char *filter_text(const struct app *app, int room)
{
	const struct list *list = app->list;
	size_t shown = list->count - list->head_count, all = view_size(app, list->view);
	auto_free char *whole = mem_printf("/ %s  (%zu of %zu, Esc clears)", list->filter, shown, all);

	return text_width(whole) <= room ? steal(whole) : mem_printf("/ %s  (%zu of %zu)", list->filter, shown, all);
}

// The most important status, in the last ROOM columns of A.
static void views_draw_notice(const struct app *app, struct area a, int room)
{
	const struct list *list = app->list;
	auto_free char *job = jobs_line(app), *text = NULL;
	enum role role = job ? ROLE_WARNING : list->filter ? ROLE_MATCH : ROLE_MARK;

	if (list->filter && !job)
		text = filter_text(app, room);
	else if (list->table.marks.count && !job)
		text = mem_printf("%zu marked", list->table.marks.count);
	const char *notice = job ? job : text;
	if (notice && room > (list->filter && !job ? 6 : 10))
		area_put(a, 0, a.columns - room, room, ALIGN_RIGHT, PEN(role), notice);
}

void views_draw(const struct app *app, struct area a)
{
	auto_free char *place = place_text(app);
	int at = 1, room = views_room(app, place);

	for (size_t i = 0; i < VIEW_COUNT; i++) {
		bool open = i == app->list->view;
		auto_free char *name = view_label(app, i);

		if (!name || !view_fits(app, i, name, at, room))
			continue;
		if (open)
			area_fill(area_sub(a, 0, at, 1, text_width(name)), PEN(ROLE_TAB));
		at += area_text(a, 0, at, -1, view_pen(app, i), name) + 1;
	}
	if (place && at + text_width(place) < a.columns)
		area_put(a, 0, at, a.columns - at - 1, ALIGN_RIGHT, PEN(ROLE_TEXT), place);
	views_draw_notice(app, area_sub(a, 0, 0, 1, room - 1), room - at - 3);
}

int views_at(const struct app *app, int column)
{
	auto_free char *place = place_text(app);
	int at = 1, room = views_room(app, place);

	for (size_t i = 0; i < VIEW_COUNT; i++) {
		auto_free char *name = view_label(app, i);

		if (!name || !view_fits(app, i, name, at, room))
			continue;
		if (column >= at && column < at + text_width(name))
			return (int)i;
		at += text_width(name) + 1;
	}
	return -1;
}
