// The tabs that are drawn from the rows: graphs and isolation.
#include "facts.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/date.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/units.h"
#include "model/item.h"
#include "model/kind.h"
#include "model/posture.h"
#include "model/ring.h"
#include "model/sample.h"
#include "model/workload.h"
#include "ui/canvas.h"
#include "ui/graph.h"

#include "app/columns/columns.h"
#include "app/know/app.h"
#include "app/know/rows.h"
#include "pane.h"

enum { HISTORY = 1440, AXIS_LEAST = 4 }; // rows of a graph with a time axis

// Emulation is used without hardware virtualization: it is not missing otherwise.
static bool barrier_counts(const struct posture *p, enum barrier b)
{
	return p->known >> b & 1 && (b != BARRIER_EMULATED || posture_stands(p, b));
}

void isolation_words(const struct posture *p, struct str *out)
{
	unsigned known = 0, stand = 0;

	for (enum barrier b = 0; b < BARRIERS; b++) {
		known += barrier_counts(p, b);
		stand += barrier_counts(p, b) && posture_stands(p, b);
	}
	if (known)
		str_addf(out, "%u of %u isolation checks pass", stand, known);
}

static const struct {
	const char *title;
	enum series series;
	enum metric metric;
	uint8_t role; // 0: by value
} graphs[] = {
	{.title = "CPU", .series = SERIES_CPU, .metric = METRIC_CPU},
	{.title = "Memory", .series = SERIES_MEMORY, .metric = METRIC_MEMORY},
	{.title = "Received", .series = SERIES_RX, .metric = METRIC_NET_RX, .role = ROLE_NETWORK},
	{.title = "Sent", .series = SERIES_TX, .metric = METRIC_NET_TX, .role = ROLE_NETWORK},
	{.title = "Read", .series = SERIES_READ, .metric = METRIC_READ, .role = ROLE_DISK},
	{.title = "Written", .series = SERIES_WRITE, .metric = METRIC_WRITE, .role = ROLE_DISK},
};

static const struct {
	const char *text;
	int seconds; // per value
} spans[RING_TIERS] = {
	[RING_SECONDS] = {"one value per second", 1},
	[RING_TENS] = {"one value per 10 s", 10},
	[RING_MINUTES] = {"one value per minute", 60},
};

static double graph_highest(const double *values, size_t count)
{
	double max = 0;

	for (size_t i = 0; i < count; i++)
		if (values[i] > max)
			max = values[i];
	return max;
}

static void graph_number(char out[UNITS_TEXT], enum series series, double value)
{
	if (series == SERIES_CPU)
		units_percent(out, value);
	else
		units_rate(out, value);
}

// "peak 49.0 of 200", with the top of the graph's scale. Owned.
static char *peak_text(enum series series, double most, double scale)
{
	char peak[UNITS_TEXT], top[UNITS_TEXT];

	graph_number(peak, series, most);
	graph_number(top, series, scale);
	return scale > 0 ? mem_printf("peak %s of %s", peak, top) : mem_printf("peak %s", peak);
}

// The values that a graph in A shows, and the time from the first to now.
static size_t graph_count(struct area a)
{
	size_t count = graph_values(a.canvas, a.columns - 1);

	return count < HISTORY ? count : HISTORY;
}

static const char *graph_time(const struct app *app, struct area a, char out[UNITS_TEXT])
{
	return units_age(out, (int64_t)graph_count(a) * spans[app->pane->span].seconds * SECOND);
}

static void axis_draw(const struct app *app, struct area a)
{
	char age[UNITS_TEXT];

	area_hline(a, 0, 0, -1, PEN(ROLE_BORDER));
	area_printf(a, 0, 0, PEN(ROLE_DIM), "%s ago ", graph_time(app, a, age));
	area_put(a, 0, 0, a.columns, ALIGN_RIGHT, PEN(ROLE_DIM), " now");
}

static void graph_of_metric(const struct app *app, const struct row *row, struct area a, size_t which)
{
	double values[HISTORY];
	size_t count = graph_count(a);
	double scale = graphs[which].series == SERIES_CPU      ? cpu_scale(row)
	               : graphs[which].series == SERIES_MEMORY ? row_memory_limit(row)
	                                                       : 0;
	char now[UNITS_TEXT];

	row_history(row, graphs[which].series, app->pane->span, values, count);
	double latest = rates_get(&row->rates, graphs[which].metric), most = graph_highest(values, count);
	area_text(a, 0, 1, -1, PEN(ROLE_DIM), graphs[which].title);
	if (!isnan(latest) && row_runs(row)) {
		graph_number(now, graphs[which].series, latest);
		area_text(a, 0, 10, -1, PEN(ROLE_TEXT), now);
	}
	auto_free char *top = peak_text(graphs[which].series, most, scale);
	area_put(a, 0, 0, a.columns - 1, ALIGN_RIGHT, PEN(ROLE_DIM), top);
	int axis = a.rows >= AXIS_LEAST ? 1 : 0;
	if (axis)
		axis_draw(app, area_sub(a, a.rows - 1, 1, 1, a.columns - 2));
	graph_draw(area_sub(a, 1, 1, a.rows - 1 - axis, a.columns - 2),
	           &(struct graph){.max = scale > 0 ? scale : 0, .role = graphs[which].role, .stale = row_is_stale(row)},
	           values, count);
}

void facts_graphs(struct app *app, struct row *row, struct area a)
{
	size_t shown = ARRAY_SIZE(graphs);
	int across = a.columns >= 100 ? 2 : 1, down;

	// as many as have three rows each
	while (shown > 1 && ((int)(shown + (size_t)across - 1) / across) * 3 > a.rows - 1)
		shown--;
	down = ((int)shown + across - 1) / across;
	for (size_t i = 0; i < shown; i++) {
		int height = (a.rows - 1) / down, width = a.columns / across;
		int row_at = ((int)i / across) * height, column = ((int)i % across) * width;

		graph_of_metric(app, row, area_sub(a, row_at, column, height, width), i);
	}
	char time[UNITS_TEXT];
	area_printf(a, a.rows - 1, 1, PEN(ROLE_DIM), "last %s, %s   ( shorter   ) longer",
	            graph_time(app, area_sub(a, 0, 0, 1, a.columns / across), time), spans[app->pane->span].text);
}

void facts_isolation(struct app *app, struct row *row, struct area a)
{
	const struct posture *p = &row->w.posture;
	int level = posture_level(p), at = 2;
	auto_str words = {0};

	(void)app;
	if (level < 0) {
		area_text(a, 0, 1, -1, PEN(ROLE_DIM),
		          row_runs(row) ? "not readable: its processes belong to another user"
		                        : "not running");
		return;
	}
	posture_draw(a, 1, PEN(ROLE_TEXT), level);
	isolation_words(p, &words);
	area_printf(a, 0, 8, PEN(ROLE_DIM), "%s, as the kernel reports now", str_text(&words));
	for (enum barrier b = 0; b < BARRIERS && at < a.rows; b++) {
		bool stands = posture_stands(p, b);

		if (!barrier_counts(p, b))
			continue;
		area_glyph(a, at, 1, PEN(stands ? ROLE_GOOD : ROLE_WARNING), stands ? "✓" : "✗", stands ? "+" : "x");
		area_text(a, at, 3, 20, PEN(stands ? ROLE_TEXT : ROLE_WARNING), barrier_info(b)->name);
		area_text(a, at++, 25, -1, PEN(stands ? ROLE_DIM : ROLE_WARNING),
		          stands ? barrier_info(b)->help : barrier_info(b)->missing);
	}
	if (p->known >> BARRIER_CAPS & 1 && at < a.rows)
		area_printf(a, at, 3, PEN(ROLE_DIM), "capabilities held: %d (%016llx)", __builtin_popcountll(p->capabilities),
			    (unsigned long long)p->capabilities);
}
