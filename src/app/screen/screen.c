// The main screen: its layout, and its smaller parts: header, views, notice, key line, and the text for an empty list.
#include "screen.h"

#include "base/clock.h"
#include "base/mem.h"
#include "base/units.h"
#include "client/link.h"
#include "ui/canvas.h"
#include "ui/table.h"

#include "app/know/app.h"
#include "app/know/rows.h"
#include "app/list/list.h"
#include "app/overlay/overlay.h"
#include "app/pane/pane.h"
#include "header.h"
#include "key_line.h"
#include "layout.h"
#include "views.h"
#include "welcome.h"

enum {
	WIDE = 160,      // from this width on, list and pane are side by side
	FULL_ROWS = 24,  // with this many rows everything is shown
	PANE_ROWS = 20,  // fewer: no pane below the list
	VIEWS_ROWS = 14, // fewer: no line of views
	PANE_LEAST = 5,
	LIST_LEAST = 6,
};

// Why the list may be incomplete or stale: the connection, else the first engine with trouble. Owned; NULL = no
// trouble.
static char *notice_text(const struct app *app)
{
	const struct machine *m = app_machine(app);
	const struct link_engine *engine;
	char text[UNITS_TEXT];

	if (!app->rows.count && !m->lost)
		return NULL; // the text for an empty list explains it
	if (m->lost) {
		int64_t wait = link_retry_in(m->link), heard = link_last_heard(m->link);
		int64_t old = heard ? (clock_mono() - heard) / SECOND * SECOND : 0;
		auto_free char *age = old ? mem_printf("; figures are %s old", units_age(text, old)) : mem_strdup("");
		auto_free char *next = wait > 0   ? mem_printf("; next try in %s (Ctrl-R: now)",
		                                               units_age(text, (wait + SECOND - 1) / SECOND * SECOND))
		                       : wait < 0 ? mem_strdup("")
		                                  : mem_strdup("; trying again");

		return mem_printf("%s%s%s", m->lost, age, next);
	}
	for (size_t i = 0; (engine = link_engine(m->link, i)); i++)
		if (engine->trouble)
			return mem_printf("%s: %s", engine->name, engine->trouble);
	return NULL;
}

// The notice in as many rows as needed, at most two: the remedy is at its end.
static int notice_rows(const struct app *app, struct area all, const char *notice)
{
	if (!notice)
		return 0;
	int rows = area_wrap(area_sub(all, 0, 1, 0, all.columns - 2), 0, PEN(ROLE_WARNING), notice);
	return app->canvas.rows < FULL_ROWS || rows < 2 ? 1 : 2;
}

// The height of the pane below the list, out of MIDDLE rows for both. The pane gets rows that the list does not need;
// filtering does not change this, so that the pane does not jump while a filter is typed.
static int pane_height(const struct app *app, int middle)
{
	size_t all = view_size(app, app->list->view), count = all > app->list->count ? all : app->list->count;
	int height = middle * app->pane->share / 100, needed = count < (size_t)middle ? (int)count + 1 : middle;

	// in Problems the list comes first: two pages of a small screen hold all that is wrong
	if (!app->pane->sized && (app->list->view == VIEW_PROBLEMS || height < middle - needed))
		height = middle - needed;
	return height < PANE_LEAST ? PANE_LEAST : height > middle - LIST_LEAST ? middle - LIST_LEAST : height;
}

static void screen_lay_out(struct app *app, const char *notice)
{
	struct area all = canvas_area(&app->canvas);
	struct layout *l = app->layout;
	int header = header_rows(app, all.rows, all.columns), views_rows = all.rows >= VIEWS_ROWS ? 1 : 0,
	    footer = all.rows >= 3 ? 1 : 0;
	int notices = notice_rows(app, all, notice), top = header + views_rows + notices, middle = all.rows - top - footer;

	*l = (struct layout){0};
	app->pane->shown = app->pane->share;
	l->header = area_sub(all, 0, 0, header, -1);
	l->views = area_sub(all, header, 0, views_rows, -1);
	l->notice = area_sub(all, header + views_rows, 0, notices, -1);
	l->footer = area_sub(all, all.rows - footer, 0, footer, -1);
	struct area body = area_sub(all, top, 0, middle, -1);
	if (!app->list->count && !app->zoomed) {
		l->list = body; // nothing to say more about
	} else if (app->zoomed) {
		l->pane = body;
		l->list = area_sub(body, 0, 0, 0, 0);
	} else if (all.columns >= WIDE && middle >= LIST_LEAST) {
		int width = body.columns * app->pane->share / 100;

		l->list = area_sub(body, 0, 0, -1, body.columns - width - 1);
		l->pane = area_sub(body, 0, body.columns - width, -1, -1);
	} else if (all.rows >= PANE_ROWS) {
		int height = pane_height(app, middle);

		app->pane->shown = app->pane->sized ? app->pane->share : height * 100 / middle;
		l->list = area_sub(body, 0, 0, middle - height, -1);
		l->pane = area_sub(body, middle - height, 0, -1, -1);
	} else {
		l->list = body;
		l->pane = area_sub(body, 0, 0, 0, 0);
	}
	app->pane->seen = !area_empty(l->pane);
}

static void notice_draw(struct area a, const char *notice)
{
	struct area inside = area_sub(a, 0, 1, -1, a.columns - 2);

	if (a.rows < 2)
		area_text(inside, 0, 0, -1, PEN(ROLE_WARNING), notice);
	else if (area_wrap(inside, 0, PEN(ROLE_WARNING), notice) > a.rows)
		area_glyph(inside, inside.rows - 1, inside.columns - 1, PEN(ROLE_WARNING), "…", "~");
}

void screen_draw(struct app *app)
{
	auto_free char *notice = notice_text(app);
	struct area all = canvas_area(&app->canvas);
	struct layout *l = app->layout;

	if (rows_find_problems(&app->rows) && app->list->view == VIEW_PROBLEMS)
		app->rows_changed = true; // also where only an engine has stopped answering
	list_settle(app->list, app->list->frozen);
	canvas_clear(&app->canvas);
	screen_lay_out(app, notice);
	header_draw(app, l->header);
	if (!area_empty(l->views))
		views_draw(app, l->views);
	if (notice)
		notice_draw(l->notice, notice);
	if (!app->zoomed)
		table_draw(&app->list->table, l->list, !app->pane_focused && !app->overlays->count);
	if (!app->list->count && !app->zoomed)
		welcome_draw(app, area_sub(l->list, 1, 0, -1, -1));
	if (!area_empty(l->pane) && l->pane.column > 0)
		area_vline(canvas_area(&app->canvas), l->pane.row, l->pane.column - 1, l->pane.rows, PEN(ROLE_BORDER));
	pane_draw(app, l->pane);
	key_line_draw(app, l->footer);
	overlays_draw(app, all, l->footer);
}
