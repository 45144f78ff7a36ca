// The overview of an item: figures with graphs, then other facts in sections. A fact in no table here is shown at the
// end, so that new facts appear by themselves.
#include "overview.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/units.h"
#include "model/id.h"
#include "model/item.h"
#include "model/kind.h"
#include "model/posture.h"
#include "model/ring.h"
#include "model/workload.h"
#include "ui/graph.h"

#include "app/columns/columns.h"
#include "app/know/app.h"
#include "app/know/machine.h"
#include "app/know/rows.h"
#include "facts.h"
#include "members.h"

enum { HISTORY = 1440, GRAPH_LEAST = 8, WORDS = 52, LABEL_LEAST = 8, ISOLATION_STEPS = 7 };

// A line of measured facts. FACT_NAME (0) ends a list.
static const struct figure {
	enum fact fact;
	enum fact more[5];    // after it, with their names, if known
	enum fact notable[4]; // at the right if 1 or more: pressure and throttling
	enum series series;
	uint8_t role;         // scale of the graph, 0: by value
} figures[] = {
	{FACT_CPU, {FACT_CPUS, FACT_PIDS}, {FACT_THROTTLED, FACT_STEAL, FACT_PSI_CPU}, SERIES_CPU, 0},
	{FACT_MEMORY, {FACT_MEMORY_LIMIT, FACT_HOST_RSS, FACT_CACHE}, {FACT_OOM_KILLS, FACT_SWAP, FACT_PSI_MEMORY},
	 SERIES_MEMORY, 0},
	{FACT_NET_RX, {FACT_NET_TX}, {0}, SERIES_RX, ROLE_NETWORK},
	{FACT_WRITE, {FACT_READ, FACT_WRITE_OPS, FACT_READ_OPS}, {FACT_PSI_IO}, SERIES_WRITE, ROLE_DISK},
};

// A line of other facts.
static const struct line {
	enum fact fact;
	enum fact more[3]; // after it, with their names, if known
	bool rare;         // known for few workloads: the others get no empty line
} lines[] = {
	{FACT_TROUBLE, {0}, true},
	{FACT_STATE, {FACT_HEALTH, FACT_PROBLEM}, false},
	{FACT_UP, {FACT_RESTARTS, FACT_LAST_EXIT, FACT_LAST_FINISHED}, false},
	{FACT_IMAGE, {0}, false},
	{FACT_COMMAND, {0}, false},
	{FACT_SOURCE, {0}, false},
	{FACT_FORMAT, {0}, false},
	{FACT_DIGEST, {0}, false},
	{FACT_NAMES, {0}, false},
	{FACT_PLATFORM, {0}, false},
	{FACT_LAYERS, {0}, false},
	{FACT_SIZE, {0}, false},
	{FACT_ALLOCATED, {0}, false},
	{FACT_BRIDGE, {0}, false},
	{FACT_MAC, {0}, false},
	{FACT_NETWORKS, {0}, false},
	{FACT_ADDRESSES, {0}, false},
	{FACT_PORTS, {FACT_PUBLISHER}, false},
	{FACT_LEASES, {0}, false},
	{FACT_USED_BY, {0}, false},
	{FACT_USES, {0}, false},
	{FACT_ISOLATION, {0}, false},
	{FACT_LABELS, {0}, false},
	{FACT_CREATED, {FACT_START_MS}, false},
	{FACT_PID, {0}, false},
	{FACT_AUTOSTART, {FACT_PERSISTENT}, false},
	{FACT_ID, {0}, false},
};

// Shown in the title or by another line.
static const enum fact unsaid[] = {FACT_NAME,     FACT_KIND,     FACT_CPU_HISTORY, FACT_NET,            FACT_IO,
                                   FACT_AGE,      FACT_ACTIVE,   FACT_SIMULATED,   FACT_STARTED,        FACT_FINISHED,
                                   FACT_REASON,   FACT_EXIT_CODE, FACT_LAST_REASON, FACT_LAST_EXIT_CODE, FACT_HOST,
                                   FACT_ENGINE,   FACT_TREE};

static bool is_in(enum fact fact, const enum fact *list, size_t count)
{
	for (size_t i = 0; i < count && (i == 0 || list[i] != FACT_NAME); i++)
		if (list[i] == fact)
			return true;
	return false;
}

static bool has_place(enum fact fact)
{
	bool found = is_in(fact, unsaid, ARRAY_SIZE(unsaid));

	for (size_t i = 0; i < ARRAY_SIZE(figures); i++)
		found |= figures[i].fact == fact || is_in(fact, figures[i].more, ARRAY_SIZE(figures[i].more)) ||
		         is_in(fact, figures[i].notable, ARRAY_SIZE(figures[i].notable));
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		found |= lines[i].fact == fact || is_in(fact, lines[i].more, ARRAY_SIZE(lines[i].more));
	return found;
}

struct overview {
	const struct app *app;
	const struct row *row;
	struct fact_source from;
	const struct fact_binding *bindings;
	struct area area;
	int at, label; // the next line; where values begin
	bool steady;   // each line has a fixed place, whether its fact is known or not
};

static bool is_bound(const struct fact_binding *bindings, enum fact fact)
{
	return bindings[fact].type != FIELD_NONE;
}

// The number of lines if each has a fixed place.
static int steady_lines(const struct fact_binding *bindings)
{
	int count = 0;

	for (size_t i = 0; i < ARRAY_SIZE(figures); i++)
		count += is_bound(bindings, figures[i].fact);
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		count += is_bound(bindings, lines[i].fact) && !lines[i].rare;
	return count;
}

static bool is_told(const struct overview *o, enum fact fact)
{
	bool runs = o->row->other || row_runs(o->row) || !(fact_info(fact)->flags & FACT_RUNNING);

	return is_bound(o->bindings, fact) && runs;
}

static void add_time(const struct overview *o, enum fact fact, struct str *out)
{
	int64_t ago = o->from.now - (int64_t)fact_number(fact, &o->from);
	char age[UNITS_TEXT];

	fact_add_cell(out, fact, &o->from);
	str_addf(out, ", %s ago", units_age(age, ago / SECOND * SECOND));
}

// Whether the uptime column shows the time since the exit.
static bool has_ended(const struct overview *o, enum fact fact)
{
	return fact == FACT_UP && !o->row->other && !row_runs(o->row);
}

// Whether an item that a workload uses is named in a line of its own.
static bool has_line(const char *id)
{
	return !id_is_workload(id) && (id_may_be(id, KIND_IMAGE) || id_may_be(id, KIND_NETWORK));
}

// References are shown by kind and name, untrusted like everything an engine reports.
static void add_items(const struct overview *o, enum fact fact, struct str *out)
{
	const void *at = (const char *)o->from.item + o->bindings[fact].at;
	bool one = o->bindings[fact].type == FIELD_ID;
	const struct strv single = {.items = (char **)at, .count = *(char *const *)at != NULL}, *ids = one ? &single : at;
	auto_str words = {0};

	for (size_t i = 0; i < ids->count; i++) {
		if (!o->row->other && has_line(ids->items[i]))
			continue;
		str_add(&words, words.length ? ", " : "");
		app_add_item(o->app, ids->items[i], &words);
	}
	str_add_visible(out, str_text(&words), words.length);
}

// The value of the line; empty if missing.
static void add_value(const struct overview *o, enum fact fact, struct str *out)
{
	bool number = fact_is_number(fact);

	if (!is_told(o, fact) || (number && isnan(fact_number(fact, &o->from))))
		return;
	if (fact_info(fact)->type == FACT_COUNT && fact_number(fact, &o->from) < 1) // zero restarts are not shown
		return;
	if (has_ended(o, fact)) {
		fact_add_cell(out, fact, &o->from);
		str_add(out, " ago");
	} else if (fact == FACT_STATE && !o->row->other)
		workload_add_state(out, &o->row->w);
	else if (o->bindings[fact].type == FIELD_ID || o->bindings[fact].type == FIELD_IDS)
		add_items(o, fact, out);
	else if (fact_info(fact)->type == FACT_TIME)
		add_time(o, fact, out);
	else if (number)
		fact_add_cell(out, fact, &o->from);
	else
		fact_add_plain(out, fact, &o->from); // in full, unlike a cell
	if (strcmp(str_text(out), "-") == 0)
		str_clear(out);
}

static enum role role_of(const struct overview *o, enum fact fact)
{
	return fact == FACT_TROUBLE || fact == FACT_PROBLEM ? ROLE_WARNING
	       : fact == FACT_STATE                         ? state_role(o->from.item->state)
	       : fact == FACT_ID                            ? ROLE_DIM
	                                                    : ROLE_TEXT;
}

static void add_named(const struct overview *o, enum fact fact, struct str *out)
{
	auto_str value = {0};

	add_value(o, fact, &value);
	if (value.length)
		str_addf(out, "%s%s %s", out->length ? "  " : "", fact_info(fact)->name, str_text(&value));
}

// "-" for missing values; nothing if not running.
static void add_words(const struct overview *o, const struct figure *f, struct str *out)
{
	auto_str value = {0}, more = {0};

	add_value(o, f->fact, &value);
	for (size_t i = 0; i < ARRAY_SIZE(f->more) && f->more[i]; i++)
		add_named(o, f->more[i], &more);
	if (value.length || more.length || is_told(o, f->fact))
		str_addf(out, "%s%s%s", value.length ? str_text(&value) : "-", more.length ? "  " : "", str_text(&more));
}

static void add_notable(const struct overview *o, const struct figure *f, struct str *out)
{
	for (size_t i = 0; i < ARRAY_SIZE(f->notable) && f->notable[i]; i++)
		if (is_told(o, f->notable[i]) && fact_number(f->notable[i], &o->from) >= 1)
			add_named(o, f->notable[i], out);
}

static double scale_of(const struct row *row, const struct figure *f)
{
	double scale = f->series == SERIES_CPU ? cpu_scale(row) : f->series == SERIES_MEMORY ? row_memory_limit(row) : 0;

	return scale > 0 ? scale : 0;
}

static void draw_graph(const struct overview *o, const struct figure *f, struct area a)
{
	double values[HISTORY];
	size_t count = graph_values(a.canvas, a.columns);

	count = count < HISTORY ? count : HISTORY;
	row_history(o->row, f->series, RING_SECONDS, values, count);
	graph_draw(a, &(struct graph){.max = scale_of(o->row, f), .role = f->role, .stale = row_is_stale(o->row)}, values,
	           count);
}

static void draw_label(const struct overview *o, enum fact fact)
{
	area_text(o->area, o->at, 1, o->label - 1, PEN(ROLE_DIM), has_ended(o, fact) ? "ended" : fact_info(fact)->name);
}

// The line of a fact that is not known.
static void draw_missing(struct overview *o, enum fact fact)
{
	if (!o->steady || !is_bound(o->bindings, fact) || o->at >= o->area.rows)
		return;
	draw_label(o, fact);
	area_glyph(o->area, o->at++, o->label, PEN(ROLE_DIM), "–", "-");
}

static void draw_figure(struct overview *o, const struct figure *f)
{
	struct area a = o->area;
	auto_str words = {0}, notable = {0};
	int room = a.columns - o->label, width = WORDS < room * 2 / 3 ? WORDS : room * 2 / 3;

	if (!is_bound(o->bindings, f->fact) || o->at >= a.rows)
		return;
	add_words(o, f, &words);
	if (!words.length) {
		draw_missing(o, f->fact);
		return;
	}
	add_notable(o, f, &notable);
	int noted = notable.length ? text_width(str_text(&notable)) + 2 : 0, left = room - width - noted - 1;
	draw_label(o, f->fact);
	area_text(a, o->at, o->label, o->row->other ? -1 : width - 1, PEN(ROLE_TEXT), str_text(&words));
	if (noted)
		area_put(a, o->at, a.columns - noted, noted - 1, ALIGN_RIGHT, PEN(ROLE_WARNING), str_text(&notable));
	if (left >= GRAPH_LEAST && !o->row->other)
		draw_graph(o, f, area_sub(a, o->at, o->label + width, 1, left));
	o->at++;
}

static void draw_isolation(const struct overview *o)
{
	const struct posture *p = &o->row->w.posture;
	auto_str words = {0};

	posture_draw(area_sub(o->area, o->at, 0, 1, -1), o->label, PEN(ROLE_TEXT), posture_level(p));
	isolation_words(p, &words);
	area_printf(o->area, o->at, o->label + ISOLATION_STEPS, PEN(ROLE_DIM), "%s (see Isolation)", str_text(&words));
}

// Draws the other facts of LINE, from COLUMN on. The state of a workload that has ended shows how it ended.
static void draw_more(const struct overview *o, const struct line *line, int column)
{
	for (size_t i = 0; i < ARRAY_SIZE(line->more) && line->more[i]; i++) {
		enum fact fact = line->more[i];
		auto_str words = {0};

		if (fact != FACT_LAST_EXIT || !has_ended(o, line->fact))
			add_named(o, fact, &words);
		if (words.length)
			column += 2 + area_text(o->area, o->at, column + 2, -1, PEN(role_of(o, fact)), str_text(&words));
	}
}

static void draw_line(struct overview *o, const struct line *line)
{
	auto_str value = {0};

	add_value(o, line->fact, &value);
	if (o->at >= o->area.rows)
		return;
	if (!value.length) {
		if (!line->rare)
			draw_missing(o, line->fact);
		return;
	}
	draw_label(o, line->fact);
	if (line->fact == FACT_ISOLATION)
		draw_isolation(o);
	else
		draw_more(o, line,
		          o->label + area_text(o->area, o->at, o->label, -1, PEN(role_of(o, line->fact)), str_text(&value)));
	o->at++;
}

static int label_width(const struct fact_binding *bindings)
{
	int width = LABEL_LEAST;

	for (enum fact fact = 0; fact < FACTS; fact++) {
		bool label = is_bound(bindings, fact) && !is_in(fact, unsaid, ARRAY_SIZE(unsaid));
		int own = label ? (int)strlen(fact_info(fact)->name) : 0;

		width = own > width ? own : width;
	}
	return width + 2;
}

void overview_draw(struct app *app, struct row *row, struct area a)
{
	const struct item *item = row_item(row);
	struct overview o = {.app = app,
	                     .row = row,
	                     .from = {item, &row->sample, row->rates.have ? &row->rates : NULL, row_now(row)},
	                     .bindings = kind_bindings(item->kind),
	                     .area = a,
	                     .label = label_width(kind_bindings(item->kind))};

	o.steady = !row->other && steady_lines(o.bindings) <= a.rows;
	for (size_t i = 0; i < ARRAY_SIZE(figures); i++)
		draw_figure(&o, &figures[i]);
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		draw_line(&o, &lines[i]);
	for (enum fact fact = 0; fact < FACTS; fact++)
		if (!has_place(fact))
			draw_line(&o, &(struct line){.fact = fact, .rare = true});
	if (item->kind == KIND_NETWORK && o.at + 1 < a.rows)
		members_draw(app, row, area_sub(a, o.at + 1, 0, -1, -1));
}
