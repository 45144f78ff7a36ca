// The line of views; at its right end the oldest job, the filter or the number of marks.
#include "views.h"

#include "base/mem.h"
#include "ui/canvas.h"

#include "app/jobs/jobs.h"
#include "app/know/app.h"
#include "app/list/list.h"

static size_t view_size(const struct app *app, size_t view)
{
	int kind = view_kind(view);

	if (view == VIEW_PROBLEMS)
		return app->rows.problems;
	if (kind < 0)
		return app->rows.count;
	return kind < WORKLOAD_KINDS ? app->rows.kinds[kind] : machines_count(&app->machines, (enum kind)kind);
}

// NULL: it has no place in the line, as it has no number and is not open.
static char *view_label(const struct app *app, size_t view)
{
	char key = view_key(view);

	if (!key && view != app->list->view)
		return NULL;
	return key ? mem_printf(" %c %s %zu ", key, view_name(view), view_size(app, view))
	           : mem_printf(" %s %zu ", view_name(view), view_size(app, view));
}

// Whether view I, called NAME, is shown from column AT on: the problems always are, and those before them as long as
// there is room.
static bool view_fits(const struct app *app, size_t i, const char *name, int at)
{
	auto_free char *problems = view_label(app, VIEW_PROBLEMS);

	return i == VIEW_PROBLEMS || i == app->list->view ||
	       at + text_width(name) + 1 + text_width(problems) <= app->canvas.columns;
}

static struct pen view_pen(const struct app *app, size_t i)
{
	bool wrong = i == VIEW_PROBLEMS && app->rows.problems;

	return PEN(i == app->list->view ? ROLE_TAB : wrong ? ROLE_WARNING : ROLE_DIM);
}

void views_draw(const struct app *app, struct area a)
{
	int at = 1;
	auto_free char *job = jobs_line(app);

	for (size_t i = 0; i < VIEW_COUNT; i++) {
		bool open = i == app->list->view;
		auto_free char *name = view_label(app, i);

		if (!name || !view_fits(app, i, name, at))
			continue;
		if (open)
			area_fill(area_sub(a, 0, at, 1, text_width(name)), PEN(ROLE_TAB));
		at += area_text(a, 0, at, -1, view_pen(app, i), name) + 1;
	}
	int room = a.columns - at - 3;
	if (job && room > 10) {
		area_put(a, 0, at + 2, room, ALIGN_RIGHT, PEN(ROLE_WARNING), job);
	} else if (app->list->filter && room > 6) {
		auto_free char *text = mem_printf("/ %s  (%zu of %zu, Esc clears)", app->list->filter,
		                                  app->list->count - app->list->head_count, view_size(app, app->list->view));

		area_put(a, 0, at + 2, room, ALIGN_RIGHT, PEN(ROLE_MATCH), text);
	} else if (app->list->table.marks.count && room > 10) {
		auto_free char *text = mem_printf("%zu marked", app->list->table.marks.count);

		area_put(a, 0, at + 2, room, ALIGN_RIGHT, PEN(ROLE_MARK), text);
	}
}

int views_at(const struct app *app, int column)
{
	int at = 1;

	for (size_t i = 0; i < VIEW_COUNT; i++) {
		auto_free char *name = view_label(app, i);

		if (!name || !view_fits(app, i, name, at))
			continue;
		if (column >= at && column < at + text_width(name))
			return (int)i;
		at += text_width(name) + 1;
	}
	return -1;
}
