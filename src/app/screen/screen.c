// The main screen: where its parts are, and the parts that are not lists or panes of their own: header, views, notice, key line,
// and the welcome of an empty list. Must not know keys' meanings beyond what the tables say.
#include "screen.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "app/app.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/units.h"
#include "client/link.h"
#include "model/ring.h"
#include "model/verb.h"
#include "model/workload.h"
#include "sys/proc.h"
#include "ui/canvas.h"
#include "ui/graph.h"
#include "ui/key.h"
#include "ui/keymap.h"
#include "ui/table.h"

#include "app/actions/actions.h"
#include "app/jobs/jobs.h"
#include "app/know/app.h"
#include "app/know/host.h"
#include "app/list/list.h"
#include "app/overlay/overlay.h"
#include "app/pane/pane.h"
#include "layout.h"

enum {
	WIDE = 160,      // from so many columns on list and pane stand side by side
	FULL_ROWS = 24,  // from so many rows on nothing is folded
	FULL_COLUMNS = 80,
	PANE_ROWS = 20,  // less: no pane below the list
	VIEWS_ROWS = 14, // less: no line of views
	HEADER_ROWS = 11, // less: no header at all
	PANE_LEAST = 5,
	LIST_LEAST = 6,
	HISTORY = 1024,
};

// A line that is written from left to right.
struct line {
	struct area a;
	int at;
};

static void put(struct line *l, struct pen pen, const char *text)
{
	l->at += area_text(l->a, 0, l->at, -1, pen, text);
}

static void gap(struct line *l, int columns)
{
	l->at += columns;
}

// Why the list may not be what is on the host: the connection, then the first engine with trouble. Owned; NULL = all is well.
static char *notice_text(const struct app *app)
{
	const struct link_engine *engine;
	char text[UNITS_TEXT];

	if (!app->rows.count && !app->lost)
		return NULL; // the welcome says it all
	if (app->lost) {
		int64_t wait = link_retry_in(app->link), heard = link_last_heard(app->link);
		int64_t old = heard ? (clock_mono() - heard) / SECOND * SECOND : 0;
		auto_free char *age = old ? mem_printf("; figures are %s old", units_age(text, old)) : mem_strdup("");
		auto_free char *next = wait > 0 ? mem_printf("; next try in %s (Ctrl-R: now)", units_age(text, (wait + SECOND - 1) / SECOND * SECOND))
		                       : wait < 0 ? mem_strdup("") : mem_strdup("; trying again");

		return mem_printf("%s%s%s", app->lost, age, next);
	}
	for (size_t i = 0; (engine = link_engine(app->link, i)); i++)
		if (engine->trouble)
			return mem_printf("%s: %s", engine->name, engine->trouble);
	return NULL;
}

// The notice in as many rows as it needs, two at most: its end is the remedy.
static int notice_rows(const struct app *app, struct area all, const char *notice)
{
	if (!notice)
		return 0;
	int rows = area_wrap(area_sub(all, 0, 1, 0, all.columns - 2), 0, PEN(ROLE_WARNING), notice);
	return app->canvas.rows < FULL_ROWS || rows < 2 ? 1 : 2;
}

static void lay_out(struct app *app, const char *notice)
{
	struct area all = canvas_area(&app->canvas);
	struct layout *l = app->layout;
	bool full = all.rows >= FULL_ROWS && all.columns >= FULL_COLUMNS;
	int header = full ? 2 : all.rows >= HEADER_ROWS ? 1 : 0, views_rows = all.rows >= VIEWS_ROWS ? 1 : 0, footer = all.rows >= 3 ? 1 : 0;
	int notices = notice_rows(app, all, notice), top = header + views_rows + notices, middle = all.rows - top - footer;

	*l = (struct layout){0};
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
		int height = middle * app->pane->share / 100;

		height = height < PANE_LEAST ? PANE_LEAST : height > middle - LIST_LEAST ? middle - LIST_LEAST : height;
		l->list = area_sub(body, 0, 0, middle - height, -1);
		l->pane = area_sub(body, middle - height, 0, -1, -1);
	} else {
		l->list = body;
		l->pane = area_sub(body, 0, 0, 0, 0);
	}
	app->pane->seen = !area_empty(l->pane);
}

static enum role load_role(double percent)
{
	return percent >= 85 ? ROLE_HIGH : percent >= 60 ? ROLE_MID : ROLE_TEXT;
}

static void head_figures(const struct app *app, struct line *l)
{
	const struct proc_host *h = &app->host.now;
	double cpu = app->host.value[HOST_CPU], memory = app->host.value[HOST_MEMORY];
	char used[UNITS_TEXT], total[UNITS_TEXT], text[64];

	if (!app->host.at)
		return;
	gap(l, 3);
	put(l, PEN(ROLE_DIM), "cpu ");
	snprintf(text, sizeof(text), isnan(cpu) ? "–" : "%.0f%%", cpu);
	put(l, PEN(load_role(cpu)), text);
	snprintf(text, sizeof(text), " of %u", h->cpus);
	put(l, PEN(ROLE_DIM), text);
	gap(l, 3);
	put(l, PEN(ROLE_DIM), "mem ");
	snprintf(text, sizeof(text), "%s/%s", units_bytes(used, h->memory_total - h->memory_available), units_bytes(total, h->memory_total));
	put(l, PEN(load_role(memory)), text);
	gap(l, 3);
	put(l, PEN(ROLE_DIM), "load ");
	snprintf(text, sizeof(text), "%.2f", h->load1);
	put(l, PEN(ROLE_TEXT), text);
}

static void head_counts(const struct app *app, struct line *l)
{
	char text[64];

	for (int kind = KINDS - 1; kind >= 0; kind--) {
		gap(l, 3 - (kind == 0));
		snprintf(text, sizeof(text), "%zu %s%s", app->rows.kinds[kind], workload_kind_name((enum workload_kind)kind), app->rows.kinds[kind] == 1 ? "" : "s");
		put(l, PEN(ROLE_TEXT), text);
	}
}

// What the right end says: modes that should not be forgotten, how often it measures, how far away it is.
static char *head_state(const struct app *app)
{
	const char *dot = app->canvas.glyphs == GLYPHS_ASCII ? "|" : "·";
	auto_str out = {0};
	char text[UNITS_TEXT];

	if (app_read_only(app))
		str_addf(&out, "read-only %s ", dot);
	if (app->list->frozen)
		str_addf(&out, "frozen %s ", dot);
	str_add(&out, units_age(text, app->settings.interval));
	if (app->options->host && !app->lost && link_round_trip(app->link) >= 0)
		str_addf(&out, " %s ssh %s", dot, units_short_time(text, (double)link_round_trip(app->link) / MS));
	if (!isnan(app->host.own_cpu))
		str_addf(&out, " %s self %.1f%%", dot, app->host.own_cpu);
	return str_steal(&out);
}

static void draw_head(struct app *app, struct area a)
{
	struct line l = {area_sub(a, 0, 0, 1, -1), 1};
	auto_free char *state = head_state(app);
	int width = text_width(state);

	put(&l, PEN(ROLE_TITLE), "hostel");
	gap(&l, 2);
	const char *machine = app->options->host ? app->options->host : app->host_name;
	if (machine)
		put(&l, PEN(ROLE_TEXT), machine);
	head_figures(app, &l);
	if (l.at + 30 < a.columns)
		head_counts(app, &l);
	if (l.at + width + 3 <= a.columns)
		area_text(a, 0, a.columns - width - 1, -1, PEN(ROLE_DIM), state);
}

static int graph_cell(const struct app *app, struct area a, int at, int width, const char *name, enum host_series series, uint8_t role)
{
	double values[HISTORY];
	size_t count = graph_values(a.canvas, width);
	char text[16];

	count = count < HISTORY ? count : HISTORY;
	at += area_text(a, 0, at, -1, PEN(role), name) + 1;
	ring_last(&app->host.rings[series], RING_SECONDS, values, count);
	graph_draw(area_sub(a, 0, at, 1, width), &(struct graph){.max = 100}, values, count);
	snprintf(text, sizeof(text), isnan(app->host.value[series]) ? "–" : "%.0f%%", app->host.value[series]);
	area_put(a, 0, at + width + 1, 4, ALIGN_RIGHT, PEN(ROLE_TEXT), text);
	return at + width + 1 + 4 + 3;
}

static void rate_text(char out[UNITS_TEXT], double rate)
{
	if (isnan(rate))
		snprintf(out, UNITS_TEXT, "–");
	else
		units_rate(out, rate);
}

static void draw_graphs(const struct app *app, struct area a)
{
	const struct host *h = &app->host;
	char first[UNITS_TEXT], second[UNITS_TEXT];
	bool ascii = a.canvas->glyphs == GLYPHS_ASCII;

	rate_text(first, h->value[HOST_RX]);
	rate_text(second, h->value[HOST_TX]);
	auto_free char *net = mem_printf(ascii ? "in %s out %s" : "↓%s ↑%s", first, second);
	rate_text(first, h->value[HOST_READ]);
	rate_text(second, h->value[HOST_WRITE]);
	auto_free char *io = mem_printf("r %s w %s", first, second);
	auto_free char *psi = isnan(h->now.psi_cpu) ? NULL : mem_printf("%.1f/%.1f/%.1f", h->now.psi_cpu, h->now.psi_memory, h->now.psi_io);
	int words = text_width(net) + text_width(io) + (psi ? text_width(psi) : 0) + 22, width = (a.columns - words - 30) / 2;
	bool with_words = width >= 8;

	if (!with_words)
		width = (a.columns - 28) / 2;
	if (width < 4)
		return;
	int at = graph_cell(app, a, 1, width, "CPU", HOST_CPU, ROLE_CPU);
	at = graph_cell(app, a, at, width, "MEM", HOST_MEMORY, ROLE_MEMORY);
	if (!with_words)
		return;
	struct line l = {a, at};
	put(&l, PEN(ROLE_NETWORK), "NET ");
	put(&l, PEN(ROLE_TEXT), net);
	gap(&l, 3);
	put(&l, PEN(ROLE_DISK), "IO ");
	put(&l, PEN(ROLE_TEXT), io);
	gap(&l, 3);
	if (!psi)
		return;
	put(&l, PEN(ROLE_DIM), "PSI ");
	put(&l, PEN(h->now.psi_cpu >= 20 || h->now.psi_memory >= 5 || h->now.psi_io >= 20 ? ROLE_WARNING : ROLE_TEXT), psi);
}

static size_t view_size(const struct app *app, size_t view)
{
	return views[view].kind < 0 ? app->rows.count : app->rows.kinds[views[view].kind];
}

static void draw_views(const struct app *app, struct area a)
{
	struct line l = {a, 1};
	auto_free char *job = jobs_line(app);

	for (size_t i = 0; i < view_count; i++) {
		bool open = i == app->list->view;
		auto_free char *name = mem_printf(" %zu %s %zu ", i + 1, views[i].name, view_size(app, i));

		if (open)
			area_fill(area_sub(a, 0, l.at, 1, text_width(name)), PEN(ROLE_TAB));
		l.at += area_text(a, 0, l.at, -1, open ? PEN(ROLE_TAB) : PEN(ROLE_DIM), name) + 1;
	}
	int room = a.columns - l.at - 3;
	if (job && room > 10) {
		area_put(a, 0, l.at + 2, room, ALIGN_RIGHT, PEN(ROLE_WARNING), job);
	} else if (app->list->filter && room > 6) {
		auto_free char *text = mem_printf("/ %s  (%zu of %zu, Esc clears)", app->list->filter, app->list->count - app->list->head_count, view_size(app, app->list->view));

		area_put(a, 0, l.at + 2, room, ALIGN_RIGHT, PEN(ROLE_MATCH), text);
	} else if (app->list->table.marks.count && room > 10) {
		auto_free char *text = mem_printf("%zu marked", app->list->table.marks.count);

		area_put(a, 0, l.at + 2, room, ALIGN_RIGHT, PEN(ROLE_MARK), text);
	}
}

// Where an action of the key line stands: "X Stop".
static int key_width(const struct app *app, int index, char key[KEY_NAME])
{
	uint32_t code = keymap_first(app->keymap, index);

	if (code == K_NONE || (actions[index].flags & WRITES && app_read_only(app)))
		return 0;
	return text_width(key_format(key, code)) + 1 + text_width(actions[index].label);
}

static void draw_key(struct area a, int column, const char *key, const char *text)
{
	int n = area_text(a, 0, column, -1, PEN(ROLE_KEY), key);

	area_text(a, 0, column + n + 1, -1, PEN(ROLE_TEXT), text);
}

// The keys that matter most, as many as fit; leaving stands at the right edge. With CLICKED, the action at that column, else -1.
static int key_line(const struct app *app, struct area a, bool draws, int clicked)
{
	char key[KEY_NAME];
	int last = action_ranked(RANK_LAST), end = a.columns - 1 - key_width(app, last, key), at = 1, index;

	if (draws && end > 0)
		draw_key(a, end, key, actions[last].label);
	if (clicked >= end)
		return last;
	for (int rank = 1; (index = action_ranked(rank)) >= 0; rank++) {
		int width = key_width(app, index, key);

		if (!width)
			continue;
		if (at + width + 2 > end)
			break;
		if (draws)
			draw_key(a, at, key, actions[index].label);
		if (clicked >= at && clicked < at + width)
			return index;
		at += width + 2;
	}
	return -1;
}

int screen_footer_action(const struct app *app, int column)
{
	return key_line(app, app->layout->footer, false, column);
}

static void draw_footer(struct app *app, struct area a)
{
	if (app->message)
		area_text(a, 0, 1, a.columns - 2, PEN(app->message_bad ? ROLE_FAILED : ROLE_TEXT), app->message);
	else
		key_line(app, a, true, -1);
}

// An empty list says what can be done here now.
static void draw_welcome(struct app *app, struct area a)
{
	const struct link_engine *engine;
	char key[KEY_NAME];
	int row = a.rows > 14 ? 2 : 0, column = a.columns > 70 ? 4 : 1;

	if (!app->list->filter && app->rows.count) // may explain why there are none of this kind
		for (size_t i = 0; (engine = link_engine(app->link, i)); i++)
			if (engine->note && views[app->list->view].kind == (int)engine->kind)
				area_wrap(area_sub(a, row + 2, column, -1, -1), 0, PEN(ROLE_DIM), engine->note);
	if (app->list->filter || app->rows.count) {
		area_text(a, row, column, -1, PEN(ROLE_DIM), app->list->filter ? "No matches. Esc clears the filter." : "None of this kind.");
		return;
	}
	if (!link_is_up(app->link) && !app->lost) {
		area_text(a, row, column, -1, PEN(ROLE_DIM), "connecting …");
		return;
	}
	area_text(a, row++, column, -1, PEN(ROLE_TITLE), "No guests or containers yet.");
	row++;
	for (size_t i = 0; (engine = link_engine(app->link, i)); i++) {
		bool waiting = !engine->listed && !engine->trouble;

		area_glyph(a, row, column, PEN(engine->trouble ? ROLE_WARNING : ROLE_GOOD), engine->trouble ? "✗" : waiting ? "…" : "✓", engine->trouble ? "x" : "+");
		int n = area_text(a, row, column + 2, -1, PEN(ROLE_TEXT), engine->name);
		auto_free char *text = engine->trouble || engine->note ? mem_strdup(engine->trouble ? engine->trouble : engine->note)
		                       : mem_printf("%s", waiting ? "listing its workloads" : engine->kind == KIND_GUEST ? "ready for guests" : "ready for containers");
		struct area rest = area_sub(a, row, column + 2 + n + 2, -1, -1);
		row += area_wrap(rest, 0, PEN(engine->trouble ? ROLE_WARNING : ROLE_DIM), text);
	}
	row++;
	static const struct {
		const char *action, *text;
	} offers[] = {{"create", "create a container (this host's own files will do) or a guest"}, {"help", "all keys"}, {"setup", "columns and themes"}, {"leave", "quit"}};
	for (size_t i = 0; i < ARRAY_SIZE(offers); i++) {
		int index = keymap_action(app->keymap, offers[i].action);

		if (actions[index].flags & WRITES && app_read_only(app))
			continue;
		int n = area_text(a, row, column, -1, PEN(ROLE_KEY), key_format(key, keymap_first(app->keymap, index)));
		area_text(a, row++, column + (n > 2 ? n : 2) + 1, -1, PEN(ROLE_TEXT), offers[i].text);
	}
}

static void draw_notice(struct area a, const char *notice)
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

	list_settle(app->list, app->list->frozen);
	canvas_clear(&app->canvas);
	lay_out(app, notice);
	if (l->header.rows > 0)
		draw_head(app, l->header);
	if (l->header.rows > 1)
		draw_graphs(app, area_sub(l->header, 1, 0, 1, -1));
	if (!area_empty(l->views))
		draw_views(app, l->views);
	if (notice)
		draw_notice(l->notice, notice);
	if (!app->zoomed)
		table_draw(&app->list->table, l->list, !app->pane_focused && !app->overlays->count);
	if (!app->list->count && !app->zoomed)
		draw_welcome(app, area_sub(l->list, 1, 0, -1, -1));
	if (!area_empty(l->pane) && l->pane.column > 0)
		area_vline(canvas_area(&app->canvas), l->pane.row, l->pane.column - 1, l->pane.rows, PEN(ROLE_BORDER));
	pane_draw(app, l->pane);
	draw_footer(app, l->footer);
	overlays_draw(app, all, l->footer);
}
