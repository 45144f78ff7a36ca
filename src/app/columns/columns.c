// Columns: drawing and sorting the facts of a row.
#include "columns.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/units.h"
#include "model/id.h"
#include "model/kind.h"
#include "model/posture.h"
#include "model/ring.h"
#include "model/sample.h"
#include "model/workload.h"
#include "ui/canvas.h"
#include "ui/graph.h"
#include "ui/table.h"

#include "app/know/app.h"
#include "app/know/rows.h"
#include "app/know/settings.h"

enum {
	RECENT = 60,
	IDLE = 1, // percent of a CPU below which the graph is blank
};

enum role state_role(enum item_state state)
{
	static const uint8_t roles[STATES] = {
		[STATE_UNKNOWN] = ROLE_WARNING, [STATE_CREATED] = ROLE_STOPPED, [STATE_RUNNING] = ROLE_RUNNING,
		[STATE_PAUSED] = ROLE_PAUSED,   [STATE_STOPPING] = ROLE_WARNING, [STATE_OFF] = ROLE_STOPPED,
		[STATE_EXITED] = ROLE_STOPPED,  [STATE_CRASHED] = ROLE_FAILED,  [STATE_SUSPENDED] = ROLE_PAUSED,
		[STATE_ACTIVE] = ROLE_RUNNING, [STATE_INACTIVE] = ROLE_STOPPED, [STATE_USED] = ROLE_RUNNING,
		 [STATE_UNUSED] = ROLE_STOPPED,
	};

	return roles[state];
}

// PEN with another role, keeping the background and attributes of the row.
static struct pen pen_as(struct pen pen, enum role role)
{
	pen.role = (uint8_t)role;
	return pen;
}

static void draw_right(struct area a, struct pen pen, const char *text)
{
	area_put(a, 0, 0, -1, ALIGN_RIGHT, pen, text);
}

static void draw_missing(struct area a, struct pen pen)
{
	draw_right(a, pen_as(pen, ROLE_DIM), a.canvas->glyphs == GLYPHS_ASCII ? "-" : "–");
}

static void draw_name(const struct app *app, const struct row *row, struct area a, struct pen pen)
{
	(void)app;
	int n = area_text(a, 0, 0, -1, pen, row->w.name ? row->w.name : row->w.id);
	if (row->w.simulated && a.columns - n > 4)
		area_text(a, 0, n + 1, -1, pen_as(pen, ROLE_DIM), "sim");
}

static void draw_host(const struct app *app, const struct row *row, struct area a, struct pen pen)
{
	(void)app;
	bool here = str_equal(row->w.host, ID_HERE) && row->machine->name;

	area_text(a, 0, 0, -1, pen, here ? row->machine->name : row->w.host ? row->w.host : "");
}

// "exited 0", "OOM 137", "exited"
static void add_exit(const struct workload *w, bool bad, struct str *out)
{
	if (bad && w->reason)
		str_addf(out, "%s%s", w->reason, w->exit_code >= 0 ? " " : "");
	if (w->exit_code >= 0)
		str_addf(out, "%s%d", bad ? "" : "exited ", w->exit_code);
	else if (!bad || !w->reason)
		str_add(out, "exited");
}

// "container", or CT if the column is narrow.
static void draw_kind(const struct app *app, const struct row *row, struct area a, struct pen pen)
{
	const struct kind_info *info = kind_info(row_item(row)->kind);
	bool brief = a.columns < fact_info(FACT_KIND)->widest && info->alias;
	char text[16] = "";

	(void)app;
	for (size_t i = 0; brief && info->alias[i] && i < sizeof(text) - 1; i++)
		text[i] = (char)toupper((unsigned char)info->alias[i]);
	area_text(a, 0, 0, -1, pen_as(pen, ROLE_DIM), brief ? text : info->name);
}

// "● running", "✗ OOM 137", "○ exited 0", "✗ crashed kernel panic"
void state_text(const struct workload *w, bool ascii, struct str *out)
{
	const struct item_state_info *info = item_state_info(w->state);
	bool bad = workload_failed(w);

	str_addf(out, "%s ", bad ? (ascii ? "x" : "✗") : ascii ? info->ascii_sign : info->sign);
	if (w->state == STATE_EXITED)
		add_exit(w, bad, out);
	else
		str_addf(out, "%s%s%s", info->name, bad && w->reason ? " " : "", bad && w->reason ? w->reason : "");
}

static void draw_state(const struct app *app, const struct row *row, struct area a, struct pen pen)
{
	auto_str text = {0};

	(void)app;
	state_text(&row->w, a.canvas->glyphs == GLYPHS_ASCII, &text);
	area_text(a, 0, 0, -1, pen_as(pen, workload_failed(&row->w) ? ROLE_FAILED : state_role(row->w.state)),
	          str_text(&text));
}

double cpu_scale(const struct row *row)
{
	double cpus = row->w.cpus > 0 ? row->w.cpus : row_host_cpus(row) ? row_host_cpus(row) : 1;

	return cpus * 100;
}

// The value that the column shows as 100 %.
static double cpu_hundred(const struct app *app, const struct row *row)
{
	unsigned cpus = row_host_cpus(row);

	if (app->settings.cpu == CPU_OF_HOST && cpus)
		return cpus * 100;
	return app->settings.cpu == CPU_OF_LIMIT ? cpu_scale(row) : 100;
}

// Figures of stopped workloads are dimmed.
static bool has_figures(const struct row *row)
{
	return (row->other || row_runs(row)) && row->heard;
}

static void draw_cpu(const struct app *app, const struct row *row, struct area a, struct pen pen)
{
	const struct graph scale = {.max = cpu_scale(row)};
	double cpu = rates_get(&row->rates, METRIC_CPU);
	char text[UNITS_TEXT];

	if (!has_figures(row) || isnan(cpu))
		draw_missing(a, pen);
	else
		draw_right(a, cpu >= 0.6 * scale.max ? pen_as(pen, graph_role(&scale, cpu)) : pen,
		           units_percent(text, cpu * 100 / cpu_hundred(app, row)));
}

static void draw_recent(const struct app *app, const struct row *row, struct area a, struct pen pen)
{
	double values[RECENT];

	(void)app;
	if (!has_figures(row))
		return;
	row_history(row, SERIES_CPU, RING_SECONDS, values, RECENT);
	const struct graph scale = {
		.max = cpu_scale(row), .idle = IDLE, .back = pen.back, .stale = pen.attrs & ATTR_DIM};
	graph_draw(a, &scale, values, RECENT);
}

enum { MEMORY_TEXT = 11, PERCENT = 4 };

// "━━─ 118M/512M 23%", with the bar if there is room.
static void draw_memory(const struct app *app, const struct row *row, struct area a, struct pen pen)
{
	double used = row_memory(row), limit = row_memory_limit(row);
	char text[UNITS_TEXT], most[UNITS_TEXT];
	int bar = a.columns - MEMORY_TEXT - 1 - PERCENT;
	struct area words = area_sub(a, 0, bar, 1, MEMORY_TEXT), share = area_sub(a, 0, a.columns - PERCENT, 1, PERCENT);

	(void)app;
	if (!has_figures(row) || isnan(used)) {
		draw_missing(words, pen);
		return;
	}
	units_bytes(text, (uint64_t)used);
	if (isnan(limit) || limit <= 0) {
		draw_right(words, pen, text);
		return;
	}
	units_bytes(most, (uint64_t)limit);
	auto_free char *both = mem_printf("%s/%s", text, most), *percent = mem_printf("%.0f%%", used / limit * 100);
	const struct graph scale = {.max = limit, .back = pen.back, .stale = pen.attrs & ATTR_DIM};
	if (bar > 1)
		graph_bar(area_sub(a, 0, 0, 1, bar), &scale, used);
	draw_right(words, pen, both);
	draw_right(share, used >= 0.6 * limit ? pen_as(pen, graph_role(&scale, used)) : pen, percent);
}

// Five steps of isolation.
void posture_draw(struct area a, int column, struct pen pen, int level)
{
	enum { STEPS = 5 };
	struct pen on = pen_as(pen, level >= 4 ? ROLE_GOOD : level >= 2 ? ROLE_WARNING : ROLE_FAILED);

	for (int i = 0; i < STEPS && level >= 0; i++)
		area_glyph(a, 0, column + i, i < level ? on : pen_as(pen, ROLE_DIM), i < level ? "▰" : "▱",
		           i < level ? "#" : "-");
}

static void draw_posture(const struct app *app, const struct row *row, struct area a, struct pen pen)
{
	(void)app;
	if (row_runs(row))
		posture_draw(a, 0, pen, posture_level(&row->w.posture));
}

static void draw_problem(const struct app *app, const struct row *row, struct area a, struct pen pen)
{
	auto_str text = {0};

	(void)app;
	if (row_problem(row, &text))
		area_text(a, 0, 0, -1, pen_as(pen, ROLE_WARNING), str_text(&text));
}

static void draw_up(const struct app *app, const struct row *row, struct area a, struct pen pen)
{
	(void)app;
	int64_t age = row_age(row, row_now(row));
	char text[UNITS_TEXT];

	if (age < 0) {
		draw_missing(a, pen);
		return;
	}
	units_age(text, age / SECOND * SECOND);
	auto_free char *ago = row_runs(row) ? mem_strdup(text) : mem_printf("%s ago", text);
	draw_right(a, pen_as(pen, ROLE_DIM), ago);
}

static struct fact_source source_of(const struct row *row, int64_t now)
{
	return (struct fact_source){row_item(row), &row->sample, &row->rates, now};
}

bool column_is_blank(enum fact fact, const struct row *row)
{
	return fact_info(fact)->flags & FACT_RUNNING && !has_figures(row);
}

static void draw_number(const struct row *row, enum fact fact, const struct fact_source *from, struct area a,
                        struct pen pen)
{
	double value = column_is_blank(fact, row) ? (double)NAN : fact_number(fact, from);
	auto_str text = {0};

	if (isnan(value)) {
		draw_missing(a, pen);
		return;
	}
	fact_add_cell(&text, fact, from);
	bool idle = fact_info(fact)->type == FACT_RATE && value < 1;
	draw_right(a, idle || !(fact_info(fact)->flags & FACT_LIVE) ? pen_as(pen, ROLE_DIM) : pen, str_text(&text));
}

// Cells that are drawn by a function.
static void (*const drawers[FACT_COLUMNS])(const struct app *app, const struct row *row, struct area a,
                                           struct pen pen) = {
    [FACT_NAME] = draw_name,          [FACT_HOST] = draw_host,
    [FACT_KIND] = draw_kind,          [FACT_STATE] = draw_state,        [FACT_CPU] = draw_cpu,
    [FACT_CPU_HISTORY] = draw_recent, [FACT_MEMORY] = draw_memory,
    [FACT_ISOLATION] = draw_posture,  [FACT_UP] = draw_up,
    [FACT_PROBLEM] = draw_problem,
};

void column_draw(enum fact fact, const struct app *app, const struct row *row, struct area a, struct pen pen)
{
	struct fact_source from = source_of(row, row_now(row));
	auto_str words = {0};

	if (fact < FACT_COLUMNS && drawers[fact]) {
		drawers[fact](app, row, a, pen);
	} else if (fact_is_number(fact)) {
		draw_number(row, fact, &from, a, pen);
	} else {
		fact_add_cell(&words, fact, &from);
		area_text(a, 0, 0, -1, pen_as(pen, ROLE_DIM), str_text(&words));
	}
}

int column_wish(enum fact fact, const struct app *app, const struct row *row)
{
	enum { SIMULATED = 4 }; // columns of its mark
	struct fact_source from = source_of(row, row_now(row));
	auto_str words = {0};

	if (fact_is_number(fact) || fact_info(fact)->type == FACT_GRAPH || fact == FACT_KIND)
		return 0;
	if (fact == FACT_STATE)
		state_text(&row->w, app->canvas.glyphs == GLYPHS_ASCII, &words);
	else
		fact_add_cell(&words, fact, &from);
	return text_width(str_text(&words)) + (fact == FACT_NAME && row->w.simulated ? SIMULATED : 0);
}

// Missing figures, for example of stopped workloads, sort below all others.
int column_compare(enum fact fact, const struct row *a, const struct row *b)
{
	int64_t now = clock_wall();
	struct fact_source x = source_of(a, now), y = source_of(b, now);

	if (column_is_blank(fact, a) || column_is_blank(fact, b))
		return (int)column_is_blank(fact, b) - (int)column_is_blank(fact, a);
	return fact_compare(fact, &x, &y);
}

struct table_column column_title(enum fact fact)
{
	const struct fact_info *info = fact_info(fact);
	bool number = fact_is_number(fact) && info->type != FACT_STEPS;

	return (struct table_column){info->title, info->width, info->widest, info->priority,
	                             number ? ALIGN_RIGHT : ALIGN_LEFT};
}

bool column_has_order(enum fact fact)
{
	return !(fact_info(fact)->flags & FACT_UNSORTED);
}

int column_unknown(const char *name, bool sorted, struct err *e)
{
	auto_str names = {0};

	fact_add_names(&names, FACT_COLUMNS, sorted ? FACT_UNSORTED : 0);
	return err_msg(e, EINVAL, "unknown column '%s' (columns%s: %s)", name, sorted ? " to sort by" : "",
	               str_text(&names));
}

int column_to_sort_by(const char *name, struct err *e)
{
	int column = column_find(name + (name[0] == '-'));

	return column < 0 || !column_has_order((enum fact)column) ? column_unknown(name + (name[0] == '-'), true, e)
	                                                          : column;
}

int column_find(const char *name)
{
	int fact = fact_find(name, strlen(name));

	return fact < FACT_COLUMNS ? fact : -1;
}
_Static_assert((int)FACT_COLUMNS <= (int)TABLE_COLUMNS, "the list has room for all columns");
