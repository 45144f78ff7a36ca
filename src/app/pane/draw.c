// Drawing the pane: the title with the tabs, and the contents.
#include "base/clock.h"
#include "base/mem.h"
#include "ui/canvas.h"
#include "ui/pager.h"

#include "app/know/app.h"
#include "app/know/rows.h"
#include "heading.h"
#include "overview.h"
#include "pane.h"
#include "reading.h"
#include "tabs.h"

static int tab_width(enum tab t)
{
	return text_width(pane_tabs[t].name) + 2;
}

// The first tab to show if WIDTH columns are too few for all: the open one must be visible, with those before it if
// there is room.
static enum tab tabs_first(enum tab open, int width)
{
	int used = tab_width(open);
	enum tab first = open;

	while (first > 0 && used + tab_width(first - 1) <= width)
		used += tab_width(--first);
	return first;
}

static void tabs_draw(struct app *app, struct area a)
{
	struct pane *pane = app->pane;
	int all = 0, at = 0;

	for (enum tab t = 0; t < TABS; t++)
		all += tab_width(t);
	pane->tabs = area_sub(a, 0, 0, 1, -1);
	// the first and last columns have arrows if tabs are hidden
	int room = all > a.columns ? a.columns - 4 : a.columns;
	enum tab first = all > a.columns ? tabs_first(pane->tab, room) : 0;
	if (first > 0)
		at = area_glyph(a, 0, 0, PEN(ROLE_KEY), "‹ ", "< ");
	for (enum tab t = 0; t < TABS; t++) {
		bool open = t == pane->tab, fits = t >= first && at + tab_width(t) <= room + 2;

		pane->ends[t] = a.column + at + (fits ? tab_width(t) : 0);
		if (t >= first && !fits) {
			area_glyph(a, 0, at, PEN(ROLE_KEY), " ›", " >");
			for (; t < TABS; t++)
				pane->ends[t] = a.column + at;
			break;
		}
		if (!fits)
			continue;
		area_fill(area_sub(a, 0, at, 1, tab_width(t)), open ? PEN(ROLE_TAB) : PEN(ROLE_TEXT));
		area_text(a, 0, at + 1, -1, open ? PEN(ROLE_TAB) : PEN(ROLE_DIM), pane_tabs[t].name);
		at += tab_width(t);
	}
}

// Draws the position in a text longer than the pane at the right end. Returns its width, 0 if there are not more than
// LEAST columns.
static int place_draw(const struct app *app, struct area a, int least)
{
	struct pager_place place = pager_place(app->pane->text);

	if (!pane_is_text(app) || (place.top == 0 && place.bottom >= place.lines))
		return 0;
	auto_free char *text = mem_printf(" %zu/%zu ", place.bottom, place.lines);
	int width = text_width(text);
	if (a.columns - 1 - width < least)
		return 0;
	area_text(a, 0, a.columns - 1 - width, width, PEN(ROLE_DIM), text);
	return width;
}

static void title_draw(struct app *app, const struct row *row, struct area a)
{
	enum { NAME_LEAST = 12, TABS_LEAST = 20, STEP = 8 };
	int most = a.columns - 4 - TABS_LEAST;

	area_hline(a, 0, 0, -1, PEN(ROLE_BORDER));
	if (app->pane_focused || app->zoomed)
		area_glyph(a, 0, 0, PEN(ROLE_TITLE), "▌", ">");
	most = most > a.columns / 3 ? a.columns / 3 : most < NAME_LEAST ? NAME_LEAST : most;
	area_text(a, 0, 1, 1, PEN(ROLE_TEXT), " ");
	auto_free char *several = app->pane->several.count ? mem_printf("%zu marked", app->pane->several.count) : NULL;
	int n = area_text(a, 0, 2, most, PEN(ROLE_TITLE), several ? several : row->w.name);
	area_text(a, 0, 2 + n, 1, PEN(ROLE_TEXT), " ");
	if (row->other) // only facts, no texts
		return;
	int place = place_draw(app, a, n + 5 + TABS_LEAST), all = 0;
	for (enum tab t = 0; t < TABS; t++)
		all += tab_width(t);
	// if all tabs fit, they begin at a multiple of STEP: names of similar length do not move them
	int at = (n + 5 + STEP - 1) / STEP * STEP;
	at = at + all + place + 1 <= a.columns ? at : n + 5;
	tabs_draw(app, area_sub(a, 0, at, 1, a.columns - at - 1 - place));
}

// Waits a moment before it says "reading".
static void log_draw_empty(const struct app *app, struct area a)
{
	const struct pane *pane = app->pane;
	const struct row *row = rows_find(&app->rows, pane->id);
	const char *since = log_reaches[pane->since].since ? log_reaches[pane->since].label : NULL;
	auto_free char *text = since ? mem_printf("no output in the %s (0: %s)", since, log_reaches[0].label)
	                             : mem_strdup(row && row_runs(row) ? "no output yet" : "no output");

	if (pane->loaded || clock_mono() - pane->read_at > SECOND / 4)
		area_text(a, 0, 1, -1, PEN(ROLE_DIM), text);
}

static void text_draw(struct app *app, struct area a)
{
	struct pane *pane = app->pane;
	bool waiting = !pane->loaded && !pane->trouble;
	int heading = pane_heading_rows(app, a);

	pane_heading_draw(app, area_sub(a, 0, 0, heading, -1));
	a = area_sub(a, heading, 0, -1, -1);

	if (pane->trouble && a.rows > 0) // in as many rows as needed: the remedy is at its end
		a = area_sub(a, area_wrap(area_sub(a, 0, 1, -1, a.columns - 2), 0, PEN(ROLE_WARNING), pane->trouble), 0, -1,
		             -1);
	// a followed log does not end: no output yet
	if (pane->tab == TAB_LOGS && !pane->trouble && pager_empty(pane->text))
		log_draw_empty(app, a);
	else if (waiting && clock_mono() - pane->read_at > SECOND / 4)
		area_text(a, 0, 1, -1, PEN(ROLE_DIM), "reading …");
	else if (!waiting)
		pager_draw(pane->text, area_sub(a, 0, 1, -1, -1));
}

void pane_draw(struct app *app, struct area a)
{
	struct row *row = pane_subject(app);

	if (area_empty(a))
		return;
	if (!row) {
		area_hline(a, 0, 0, -1, PEN(ROLE_BORDER));
		return;
	}
	struct area body = area_sub(a, 1, 0, -1, -1);
	if (row->other)
		overview_draw(app, row, body);
	else if (pane_tabs[app->pane->tab].draw)
		pane_tabs[app->pane->tab].draw(app, row, body);
	else
		text_draw(app, body);
	title_draw(app, row, a); // shows the position in the text, known after drawing
}
