// The pane: see pane.h. Must not know how facts look (facts.c) or where a text comes from on the host.
#include "pane.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "client/link.h"
#include "model/ring.h"
#include "model/stream.h"
#include "sys/write.h"
#include "ui/canvas.h"
#include "ui/effect.h"
#include "ui/field.h"
#include "ui/key.h"
#include "ui/pager.h"
#include "ui/table.h"

#include "app/jobs/command_line.h"
#include "app/know/app.h"
#include "app/know/rows.h"
#include "app/overlay/overlay.h"
#include "facts.h"
#include "follow.h"
#include "text.h"

// What a tab shows: facts that are known already, a document that is read (again after so many seconds, 0: once), a followed
// log, or events: those that are kept, and the journal.
static const struct {
	const char *name;
	void (*draw)(struct app *app, struct row *row, struct area a);
	int document; // enum document, -1 = none
	int again;
} tabs[TABS] = {
	[TAB_OVERVIEW] = {"Overview", facts_overview, -1, 0},
	[TAB_GRAPHS] = {"Graphs", facts_graphs, -1, 0},
	[TAB_LOGS] = {"Logs", NULL, -1, 0},
	[TAB_PROCESSES] = {"Processes", NULL, DOCUMENT_PROCESSES, 2},
	[TAB_ISOLATION] = {"Isolation", facts_isolation, -1, 0},
	[TAB_DETAILS] = {"Details", NULL, DOCUMENT_DETAILS, 5},
	[TAB_CONFIG] = {"Config", NULL, DOCUMENT_CONFIG, 0},
	[TAB_EVENTS] = {"Events", NULL, DOCUMENT_EVENTS, 5},
};

enum { SHARE_LEAST = 15, SHARE_MOST = 85, SHARE_STEP = 10, LOG_LIMIT = 4 << 20 };

#define HELD_NS (SECOND * 3 / 20) // so long after a move the next one of a key that is held down may come

static const char log_tail[] = "2000";

// By the keys 0 to 6 in the log.
static const struct {
	const char *since; // as `hostel logs` takes it; NULL: the newest lines, however old
	const char *label;
} reaches[] = {{NULL, "newest 2000 lines"}, {"1m", "last minute"}, {"5m", "last 5 minutes"}, {"15m", "last 15 minutes"},
	       {"1h", "last hour"},         {"6h", "last 6 hours"}, {"1d", "last day"}};

void pane_init(struct pane *pane)
{
	*pane = (struct pane){.share = 40, .text = pager_new(LOG_LIMIT)};
}

void pane_done(struct pane *pane)
{
	follow_stop(pane->logs);
	pager_free(pane->text);
	free(pane->id);
	strv_done(&pane->several);
	free(pane->trouble);
	free(pane->kept_events);
	*pane = (struct pane){0};
}

// Nothing of the text before is of use.
static void forget(struct pane *pane)
{
	follow_stop(steal(pane->logs));
	free(steal(pane->trouble));
	free(steal(pane->kept_events));
	pager_clear(pane->text);
	pager_filter(pane->text, NULL);
	pane->turn++;
	pane->asked = pane->loaded = false;
	pane->read_at = 0;
	pane->journal_seen = 0;
}

// The same before a log is read once more: why it could not be read is said until something comes of it.
static void forget_log(struct pane *pane)
{
	char *trouble = steal(pane->trouble);

	forget(pane);
	pane->trouble = trouble;
	pane->loaded = trouble != NULL;
}

struct question {
	struct app *app;
	unsigned turn;
};

static void say_trouble(struct pane *pane, const char *text)
{
	free(pane->trouble);
	pane->trouble = mem_strdup(text);
}

static void take_document(struct pane *pane, const char *text)
{
	auto_str aligned = {0};

	if (pane->tab == TAB_PROCESSES || pane->tab == TAB_EVENTS)
		pane_align(text, &aligned);
	if (pane->tab != TAB_EVENTS) {
		pager_replace(pane->text, pane->tab == TAB_PROCESSES ? str_text(&aligned) : text);
	} else if (!str_equal(pane->kept_events, str_text(&aligned))) { // shown together with what was done from here
		free(pane->kept_events);
		pane->kept_events = mem_strdup(str_text(&aligned));
		pane->journal_seen = 0;
	}
}

static void on_document(void *context, const struct err *e, const char *text)
{
	auto_free struct question *q = context;
	struct pane *pane = q->app->pane;

	if (q->turn != pane->turn)
		return;
	pane->asked = false;
	if (e->code && pane->tab == TAB_EVENTS) { // an agent of an older version keeps none
		pane->loaded = true;
	} else if (e->code) {
		say_trouble(pane, e->text);
	} else {
		say_trouble(pane, NULL);
		take_document(pane, text);
		pane->loaded = true;
	}
	app_dirty(q->app);
}

static void ask(struct app *app, enum document document)
{
	struct pane *pane = app->pane;
	struct question *q = mem_new(sizeof(*q));

	*q = (struct question){app, pane->turn};
	pane->asked = true;
	pane->read_at = clock_mono();
	link_read(app->link, pane->id, document, on_document, q);
}

static const char program[] = "hostel: "; // before what it complains about

static void on_log(void *context, const char *text, size_t n, const char *why)
{
	struct app *app = context;
	struct pane *pane = app->pane;

	if (text) {
		pager_add(pane->text, text, n);
		say_trouble(pane, NULL);
		pane->loaded = true;
	} else {
		auto_free char *line = mem_strdup(str_starts(why, program) ? why + strlen(program) : why);

		line[strcspn(line, "\r\n")] = '\0';
		follow_stop(steal(pane->logs));
		say_trouble(pane, *line ? line : NULL);
		pane->loaded = true;
	}
	app_dirty(app);
}

static void start_log(struct app *app)
{
	struct pane *pane = app->pane;
	auto_params params = {0};
	auto_strv argv = {0}, names = {0};
	struct err e = {0};

	params_add(&params, "follow", "yes");
	if (reaches[pane->since].since)
		params_add(&params, "since", reaches[pane->since].since);
	else
		params_add(&params, "tail", log_tail);
	for (size_t i = 0; i < pane->several.count; i++)
		strv_add(&names, command_line_operand(app, pane->several.items[i]));
	if (names.count)
		link_logs_argv(app->link, &names, &params, &argv);
	else
		link_stream_argv(app->link, pane->id, STREAM_LOGS, &params, &argv);
	pager_follow(pane->text, true);
	pane->read_at = clock_mono();
	pane->logs = follow_start(&app->loop, &argv, on_log, app, &e);
	if (!pane->logs)
		say_trouble(pane, e.text);
}

static void show_journal(struct app *app)
{
	struct pane *pane = app->pane;
	auto_str text = {0};

	if (pane->journal_seen == app->journal.changes + 1)
		return;
	pane->journal_seen = app->journal.changes + 1;
	pane_events_text(app, &text);
	pager_follow(pane->text, true);
	pager_replace(pane->text, str_text(&text));
	pane->loaded = true;
	app_dirty(app);
}

// Whether the pane is seen at all.
static bool is_seen(const struct app *app)
{
	return app->zoomed || app->pane->seen;
}

// The pane is about the selected one; its log is about all marked ones where it is one of several.
static void follow_selection(struct app *app, const struct row *row)
{
	const struct table *t = app->table;
	struct pane *pane = app->pane;
	static const struct strv none;
	const struct strv *several = pane->tab == TAB_LOGS && row && t->marks.count > 1 && table_marked(t, row->w.id) ? &t->marks : &none;
	bool same = strv_equal(several, &pane->several);

	if (same && str_equal(row ? row->w.id : NULL, pane->id))
		return;
	bool keep = same && several->count; // moving among those that are shown already
	free(pane->id);
	pane->id = row ? mem_strdup(row->w.id) : NULL;
	if (!same) {
		strv_done(&pane->several);
		strv_copy(&pane->several, several);
	}
	if (!keep)
		forget(pane);
}

// The row the pane is about: the selected one, once the key that moves is released.
static struct row *subject(const struct app *app)
{
	struct row *row = app_selected(app), *before = rows_find(&app->rows, app->pane->id);
	bool held = app->hurried && clock_mono() - app->moved_at < HELD_NS;

	return row && before && held && !app->zoomed ? before : row;
}

bool pane_lags(const struct app *app)
{
	return subject(app) != app_selected(app);
}

void pane_update(struct app *app)
{
	struct pane *pane = app->pane;
	struct row *row = subject(app);

	follow_selection(app, row);
	if (!row || !is_seen(app) || app->lost)
		return;
	row_watch(row);
	if (pane->tab == TAB_EVENTS)
		show_journal(app);
	if (pane->logs && pane->trouble && clock_mono() - pane->read_at > 2 * SECOND) // it can be read now
		say_trouble(pane, NULL);
	// a workload that was stopped writes no more; started again, its log is followed again
	if (pane->tab == TAB_LOGS && !pane->logs && (!pane->loaded || row_runs(row)) && clock_mono() - pane->read_at > 2 * SECOND) {
		if (pane->read_at)
			forget_log(pane);
		start_log(app);
	}
	int document = tabs[pane->tab].document, again = tabs[pane->tab].again;
	if (document < 0 || pane->asked || (pane->loaded && (!again || clock_mono() - pane->read_at < again * SECOND)))
		return;
	if (pane->read_at && clock_mono() - pane->read_at < SECOND)
		return;
	ask(app, (enum document)document);
}

bool pane_key(struct app *app, struct key key)
{
	struct pane *pane = app->pane;

	if (pane->tab != TAB_LOGS || key.code < '0' || key.code >= '0' + ARRAY_SIZE(reaches))
		return false;
	pane->since = (int)(key.code - '0');
	app_say(app, false, "log: %s (0 to 6: how far back)", reaches[pane->since].label);
	pane_refresh(app);
	return true;
}

void pane_refresh(struct app *app)
{
	forget(app->pane);
	pane_update(app);
}

void pane_tab(struct app *app, enum tab tab)
{
	if (app->pane->tab != tab)
		forget(app->pane);
	app->pane->tab = tab;
	pager_follow(app->pane->text, tab == TAB_LOGS || tab == TAB_EVENTS);
	if (tab == TAB_CONFIG || tab == TAB_DETAILS || tab == TAB_PROCESSES)
		pager_move(app->pane->text, MOVE_FIRST);
	app_dirty(app);
}

void pane_tab_step(struct app *app, int step)
{
	pane_tab(app, (enum tab)(((int)app->pane->tab + TABS + step) % TABS));
}

void pane_resize(struct app *app, int step)
{
	int share = app->pane->share + step * SHARE_STEP;

	app->pane->share = share < SHARE_LEAST ? SHARE_LEAST : share > SHARE_MOST ? SHARE_MOST : share;
	app_dirty(app);
}

void pane_span(struct app *app, int step)
{
	int span = (int)app->pane->span + step;

	app->pane->span = span < 0 ? RING_SECONDS : span >= RING_TIERS ? RING_MINUTES : (enum ring_tier)span;
	app_dirty(app);
}

void pane_wrap(struct app *app)
{
	pager_wrap(app->pane->text, !pager_wraps(app->pane->text));
	app_dirty(app);
}

bool pane_is_text(const struct app *app)
{
	return !tabs[app->pane->tab].draw;
}

const char *pane_tab_name(const struct app *app)
{
	return tabs[app->pane->tab].name;
}

enum effect pane_move(struct app *app, enum move move)
{
	return pane_is_text(app) ? pager_move(app->pane->text, move) : EFFECT_NONE;
}

enum effect pane_mouse(struct app *app, struct key key)
{
	struct pane *pane = app->pane;

	if (key.code == K_CLICK && area_holds(pane->tabs, key.row, key.column)) {
		for (enum tab t = 0; t < TABS; t++)
			if (key.column < pane->ends[t]) {
				pane_tab(app, t);
				break;
			}
		return EFFECT_REDRAW;
	}
	return pane_is_text(app) ? pager_mouse(pane->text, key) : EFFECT_NONE;
}

static bool filter_answered(struct app *app, struct overlay *o, bool accepted)
{
	pager_filter(app->pane->text, accepted ? field_text(o->field) : NULL);
	return true;
}

static void filter_changed(struct app *app, struct overlay *o)
{
	pager_filter(app->pane->text, field_text(o->field));
}

void pane_filter(struct app *app)
{
	if (pane_is_text(app))
		overlay_prompt(app, "/", "", filter_answered)->changed = filter_changed;
}

static bool search_answered(struct app *app, struct overlay *o, bool accepted)
{
	if (accepted && !pager_search(app->pane->text, field_text(o->field), true))
		app_say(app, true, "'%s' not found", field_text(o->field));
	return true;
}

void pane_search(struct app *app)
{
	if (pane_is_text(app))
		overlay_prompt(app, "Search", "", search_answered);
}

void pane_search_again(struct app *app, bool backward)
{
	if (pane_is_text(app))
		pager_search(app->pane->text, NULL, !backward);
}

int pane_save(struct app *app, const char *file, struct err *e)
{
	auto_str text = {0};
	auto_close int fd = -1;

	if (!pane_is_text(app))
		return err_msg(e, EINVAL, "this tab is not a text: open Logs, Processes, Details, Config or Events");
	pager_text(app->pane->text, &text);
	// never over something that is there already
	fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0)
		return err_set(e, errno, "cannot create '%s'", file);
	int r = write_all(fd, text.text, text.length);
	return r < 0 ? err_set(e, -r, "cannot write '%s'", file) : 0;
}

static int tab_width(enum tab t)
{
	return text_width(tabs[t].name) + 2;
}

// The first tab shown when WIDTH columns are too few for all: so that the open one is seen, with those before it if there is room.
static enum tab first_tab(enum tab open, int width)
{
	int used = tab_width(open);
	enum tab first = open;

	while (first > 0 && used + tab_width(first - 1) <= width)
		used += tab_width(--first);
	return first;
}

static void draw_tabs(struct app *app, struct area a)
{
	struct pane *pane = app->pane;
	int all = 0, at = 0;

	for (enum tab t = 0; t < TABS; t++)
		all += tab_width(t);
	pane->tabs = area_sub(a, 0, 0, 1, -1);
	// signs of what does not fit stand in the first and the last column
	int room = all > a.columns ? a.columns - 4 : a.columns;
	enum tab first = all > a.columns ? first_tab(pane->tab, room) : 0;
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
		area_text(a, 0, at + 1, -1, open ? PEN(ROLE_TAB) : PEN(ROLE_DIM), tabs[t].name);
		at += tab_width(t);
	}
}

static void draw_title(struct app *app, const struct row *row, struct area a)
{
	enum { NAME_LEAST = 12, TABS_LEAST = 20 };
	int most = a.columns - 4 - TABS_LEAST;

	area_hline(a, 0, 0, -1, PEN(ROLE_BORDER));
	if (app->pane_focused || app->zoomed)
		area_glyph(a, 0, 0, PEN(ROLE_TITLE), "▌", ">");
	most = most > a.columns / 3 ? a.columns / 3 : most < NAME_LEAST ? NAME_LEAST : most;
	area_text(a, 0, 1, 1, PEN(ROLE_TEXT), " ");
	auto_free char *several = app->pane->several.count ? mem_printf("%zu marked", app->pane->several.count) : NULL;
	int n = area_text(a, 0, 2, most, PEN(ROLE_TITLE), several ? several : row->w.name);
	area_text(a, 0, 2 + n, 1, PEN(ROLE_TEXT), " ");
	draw_tabs(app, area_sub(a, 0, n + 5, 1, a.columns - n - 6));
}

// A moment is left for what comes at once.
static void empty_log(const struct app *app, struct area a)
{
	const struct pane *pane = app->pane;
	const struct row *row = rows_find(&app->rows, pane->id);
	const char *since = reaches[pane->since].since ? reaches[pane->since].label : NULL;
	auto_free char *text = since ? mem_printf("no output in the %s (0: %s)", since, reaches[0].label) : mem_strdup(row && row_runs(row) ? "no output yet" : "no output");

	if (pane->loaded || clock_mono() - pane->read_at > SECOND / 4)
		area_text(a, 0, 1, -1, PEN(ROLE_DIM), text);
}

static void draw_text(struct app *app, struct area a)
{
	struct pane *pane = app->pane;
	bool waiting = !pane->loaded && !pane->trouble;

	if (pane->trouble && a.rows > 0) // in as many rows as it needs: its end is the remedy
		a = area_sub(a, area_wrap(area_sub(a, 0, 1, -1, a.columns - 2), 0, PEN(ROLE_WARNING), pane->trouble), 0, -1, -1);
	// a log that is followed has no end to wait for: what has not come is not there yet
	if (pane->tab == TAB_LOGS && !pane->trouble && pager_empty(pane->text))
		empty_log(app, a);
	else if (waiting && clock_mono() - pane->read_at > SECOND / 4)
		area_text(a, 0, 1, -1, PEN(ROLE_DIM), "reading …");
	else if (!waiting)
		pager_draw(pane->text, area_sub(a, 0, 1, -1, -1));
}

void pane_draw(struct app *app, struct area a)
{
	struct row *row = subject(app);

	if (area_empty(a))
		return;
	if (!row) {
		area_hline(a, 0, 0, -1, PEN(ROLE_BORDER));
		return;
	}
	draw_title(app, row, a);
	struct area body = area_sub(a, 1, 0, -1, -1);
	if (tabs[app->pane->tab].draw)
		tabs[app->pane->tab].draw(app, row, body);
	else
		draw_text(app, body);
}
