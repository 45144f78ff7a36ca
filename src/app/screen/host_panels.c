// The CPU and memory panels: see host_panels.h.
#include "host_panels.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/mem.h"
#include "base/units.h"
#include "model/kind.h"
#include "model/ring.h"
#include "ui/graph.h"

#include "app/know/app.h"
#include "app/know/host.h"
#include "app/know/machine.h"
#include "cpu_meters.h"

enum {
	ROWS = 5, ROWS_SMALL = 2,
	LARGE = 30, METERS_COLUMNS = 120, // the screen's rows and columns for these, and for a meter of each CPU
	HISTORY = 1024,
	LEGEND = 17,   // columns of "containers  100%"
	SCALE = 5,     // of the graph's scale: "100%"
	SMALL_GRAPH = 8,
	PARTS = WORKLOAD_KINDS + 1, // guests, containers, other
};

// The parts in display order; shades tell them apart without colours.
static const struct part {
	int kind; // -1: other processes
	const char *name, *shade, *ascii;
	uint8_t role;
} parts[PARTS] = {
	{KIND_GUEST, "guests", "█", "#", ROLE_CPU},
	{KIND_CONTAINER, "containers", "▓", "=", ROLE_MEMORY},
	{-1, "other", "▒", "-", ROLE_DISK},
};

static const struct usage *part_usage(const struct host *h, size_t part)
{
	return parts[part].kind < 0 ? &h->split.other : &h->split.kinds[parts[part].kind];
}

// Rounds the parts so that they add up to the rounded whole.
static int part_percent(const struct host *h, size_t part)
{
	int rest = (int)lround(h->value[HOST_CPU]);

	for (size_t i = 0; i < part; i++)
		rest -= (int)lround(part_usage(h, i)->cpu);
	return parts[part].kind < 0 ? (rest > 0 ? rest : 0) : (int)lround(part_usage(h, part)->cpu);
}

static const char *missing_sign(const struct canvas *canvas)
{
	return canvas->glyphs == GLYPHS_ASCII ? "-" : "–";
}

static void part_text(const struct host *h, struct area a, size_t part, bool memory, char out[UNITS_TEXT])
{
	if (isnan(memory ? h->split.other.memory : h->split.other.cpu))
		snprintf(out, UNITS_TEXT, "%s", missing_sign(a.canvas));
	else if (memory)
		units_bytes(out, (uint64_t)part_usage(h, part)->memory);
	else
		snprintf(out, UNITS_TEXT, "%d%%", part_percent(h, part));
}

// --- figures in a line, as many as fit ---

struct fact_line {
	struct area a;
	int row, at, end;
	const char *gap; // separator
};

static bool line_add(struct fact_line *l, enum role role, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

static bool line_add(struct fact_line *l, enum role role, const char *fmt, ...)
{
	char text[96];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	int gap = l->gap ? text_width(l->gap) : 0, width = text_width(text);
	if (l->at + gap + width > l->end)
		return false;
	if (l->gap)
		l->at += area_text(l->a, l->row, l->at, -1, PEN(ROLE_DIM), l->gap);
	l->at += area_text(l->a, l->row, l->at, -1, PEN(role), text);
	l->gap = l->a.canvas->glyphs == GLYPHS_ASCII ? " | " : " · ";
	return true;
}

static void line_add_without(struct fact_line *l, const struct split *s, size_t without)
{
	if (without)
		line_add(l, ROLE_WARNING, "%zu of %zu without figures", without, s->count);
}

static void line_add_pressure(struct fact_line *l, double pressure, double high)
{
	if (!isnan(pressure))
		line_add(l, pressure >= high ? ROLE_WARNING : ROLE_TEXT, "pressure %.*f%%", pressure < 10 && pressure >= 0.05,
		         pressure);
}

static void line_add_cpu(struct fact_line *l, const struct host *h)
{
	line_add_without(l, &h->split, h->split.without_cpu);
	line_add(l, ROLE_TEXT, "load %.2f", h->now.load1);
	if (!isnan(h->steal))
		line_add(l, h->steal >= 5 ? ROLE_WARNING : ROLE_TEXT, "steal %.0f%%", h->steal);
	line_add_pressure(l, h->now.psi_cpu, 20);
}

static void line_add_bytes(struct fact_line *l, enum role role, const char *name, uint64_t bytes)
{
	char text[UNITS_TEXT];

	line_add(l, role, "%s %s", name, units_bytes(text, bytes));
}

static void line_add_memory(struct fact_line *l, const struct host *h)
{
	const struct proc_host *f = &h->now;
	uint64_t swapped = f->swap_total - f->swap_free;

	line_add_without(l, &h->split, h->split.without_memory);
	if (f->memory_free) {
		uint64_t unused = f->memory_free < f->memory_available ? f->memory_free : f->memory_available;

		line_add_bytes(l, ROLE_TEXT, "cache", f->memory_available - unused);
		line_add_bytes(l, ROLE_TEXT, "free", unused);
	}
	line_add_bytes(l, swapped > f->swap_total / 2 ? ROLE_WARNING : ROLE_TEXT, "swap", swapped);
	line_add_pressure(l, f->psi_memory, 5);
}

static void rate_text(const struct canvas *canvas, char out[UNITS_TEXT], double rate)
{
	if (isnan(rate))
		snprintf(out, UNITS_TEXT, "%s", missing_sign(canvas));
	else
		units_rate(out, rate);
}

static char *traffic_text(const struct host *h, const struct canvas *canvas)
{
	char rates[4][UNITS_TEXT];

	for (size_t i = 0; i < 4; i++)
		rate_text(canvas, rates[i], h->value[HOST_RX + i]);
	return mem_printf(canvas->glyphs == GLYPHS_ASCII ? "NET in %s out %s | DISK r %s w %s"
	                                                 : "NET ↓%s ↑%s · DISK r %s w %s",
	                  rates[0], rates[1], rates[2], rates[3]);
}

char *host_traffic(const struct app *app)
{
	return app_machine(app)->host.at ? traffic_text(&app_machine(app)->host, &app->canvas) : NULL;
}

// --- the parts of a panel ---

static void legend_draw(const struct host *h, struct area a, bool memory)
{
	char text[UNITS_TEXT];

	for (size_t i = 0; i < PARTS; i++) {
		part_text(h, a, i, memory, text);
		area_glyph(a, (int)i, 0, PEN(parts[i].role), parts[i].shade, parts[i].ascii);
		area_text(a, (int)i, 2, -1, PEN(ROLE_TEXT), parts[i].name);
		area_put(a, (int)i, 0, a.columns, ALIGN_RIGHT, PEN(ROLE_TEXT), text);
	}
}

// A bar of the parts; a non-zero part has at least one column.
static void stack_draw(const struct host *h, struct area a)
{
	double total = (double)h->now.memory_total, sum = 0;
	int at = 0;

	for (size_t i = 0; i < PARTS && total > 0; i++) {
		double memory = isnan(h->split.other.memory) ? 0 : part_usage(h, i)->memory;

		sum += memory;
		int end = (int)lround(sum / total * a.columns);
		end = memory > 0 && end <= at ? at + 1 : end;
		for (; at < end; at++)
			area_glyph(a, 0, at, PEN(parts[i].role), parts[i].shade, parts[i].ascii);
	}
	for (; at < a.columns; at++)
		area_glyph(a, 0, at, PEN(ROLE_DIM), "░", ".");
}

static void history_draw(const struct host *h, struct area a, enum host_series series)
{
	double values[HISTORY];
	size_t count = graph_values(a.canvas, a.columns);

	count = count < HISTORY ? count : HISTORY;
	ring_last(&h->rings[series], RING_SECONDS, values, count);
	graph_draw(a, &(struct graph){.max = 100}, values, count);
}

static void scale_draw(struct area a)
{
	static const struct {
		int half;
		const char *text;
	} marks[] = {{2, "100%"}, {0, "0"}};

	for (size_t i = 0; i < ARRAY_SIZE(marks); i++)
		area_put(a, (a.rows - 1) * (2 - marks[i].half) / 2, 0, SCALE - 1, ALIGN_RIGHT, PEN(ROLE_DIM), marks[i].text);
}

// A frame whose top edge has the title and the time span of the graph.
static void frame_draw(struct area a, const char *title, int graph_columns)
{
	char span[UNITS_TEXT];

	area_box(a, PEN(ROLE_BORDER), title);
	size_t seconds = graph_values(a.canvas, graph_columns);
	units_age(span, (int64_t)seconds * 1000000000);
	auto_free char *text = mem_printf(" %s ", span);
	if (text_width(title) + text_width(text) + 8 < a.columns)
		area_put(a, 0, 0, a.columns - 2, ALIGN_RIGHT, PEN(ROLE_DIM), text);
}

static struct fact_line frame_line(struct area a)
{
	return (struct fact_line){area_sub(a, a.rows - 1, 0, 1, -1), 0, 2, a.columns - 3, " "};
}

static void frame_line_end(struct fact_line *l)
{
	if (l->at > 2)
		area_text(l->a, 0, l->at, 1, PEN(ROLE_BORDER), " ");
}

static char *cpu_title(const struct host *h)
{
	return isnan(h->value[HOST_CPU]) ? mem_printf("CPU of %u", h->now.cpus)
	                                 : mem_printf("CPU %.0f%% of %u", h->value[HOST_CPU], h->now.cpus);
}

static char *memory_title(const struct host *h, const char *name)
{
	char used[UNITS_TEXT], total[UNITS_TEXT];

	return mem_printf("%s %s of %s", name, units_bytes(used, (uint64_t)host_memory_used(h)),
	                  units_bytes(total, h->now.memory_total));
}

static int cpu_panel_columns(int columns)
{
	return columns * 2 / 5;
}

static void cpu_panel_draw(const struct host *h, struct area a)
{
	auto_free char *title = cpu_title(h);
	struct area all = area_inside(a), inside = area_sub(all, 0, 0, ROWS - 2, -1);
	int graph = inside.columns - LEGEND - 1 - SCALE;
	struct fact_line line = frame_line(a);

	frame_draw(a, title, graph);
	cpu_meters_draw(h, area_sub(all, inside.rows, 0, -1, -1));
	scale_draw(inside);
	history_draw(h, area_sub(inside, 0, SCALE, -1, graph), HOST_CPU);
	legend_draw(h, area_sub(inside, 0, inside.columns - LEGEND, -1, LEGEND), false);
	line_add_cpu(&line, h);
	frame_line_end(&line);
}

static bool memory_panel_draw(const struct app *app, struct area a)
{
	const struct host *h = &app_machine(app)->host;
	auto_free char *title = memory_title(h, "Memory");
	struct area inside = area_inside(a), graphs = area_sub(inside, 0, SCALE, -1, inside.columns - LEGEND - 1 - SCALE);
	struct fact_line line = frame_line(a);

	frame_draw(a, title, graphs.columns);
	stack_draw(h, area_sub(graphs, 0, 0, 1, -1));
	scale_draw(area_sub(inside, 1, 0, -1, -1));
	history_draw(h, area_sub(graphs, 1, 0, -1, -1), HOST_MEMORY);
	legend_draw(h, area_sub(inside, 0, inside.columns - LEGEND, -1, LEGEND), true);
	line_add_memory(&line, h);
	frame_line_end(&line);
	auto_free char *traffic = traffic_text(h, a.canvas);
	int width = text_width(traffic), at = a.columns - 3 - width;
	if (at < line.at + 4)
		return false;
	area_text(line.a, 0, at - 1, 1, PEN(ROLE_BORDER), " ");
	area_text(line.a, 0, at, -1, PEN(ROLE_TEXT), traffic);
	area_text(line.a, 0, at + width, 1, PEN(ROLE_BORDER), " ");
	return true;
}

// "CPU 31% of 4 ⣀⣤⣶ guests 22% · containers 6% · other 3% · load 0.82"
static void small_line_draw(const struct host *h, struct area a, bool memory)
{
	auto_free char *title = memory ? memory_title(h, "MEM") : cpu_title(h);
	enum { TITLE = 18, GRAPH = 12 };
	struct fact_line line = {a, 0, 1 + TITLE + 1 + GRAPH + 2, a.columns - 1, NULL};
	struct area graph = area_sub(a, 0, 1 + TITLE + 1, 1, GRAPH);
	char text[UNITS_TEXT];

	area_text(a, 0, 1, TITLE, PEN(memory ? ROLE_MEMORY : ROLE_CPU), title);
	if (memory)
		stack_draw(h, graph);
	else
		history_draw(h, graph, HOST_CPU);
	for (size_t i = 0; i < PARTS; i++) {
		part_text(h, a, i, memory, text);
		line_add(&line, ROLE_TEXT, "%s %s", parts[i].name, text);
	}
	if (memory)
		line_add_memory(&line, h);
	else
		line_add_cpu(&line, h);
}

int host_panels_rows(const struct app *app, int rows, int columns)
{
	bool meters = app->settings.cpu_meters && columns >= METERS_COLUMNS;

	if (rows < LARGE)
		return ROWS_SMALL;
	return ROWS + (meters ? cpu_meters_rows(&app_machine(app)->host, rows, cpu_panel_columns(columns) - 2) : 0);
}

bool host_panels_draw(const struct app *app, struct area a)
{
	const struct host *h = &app_machine(app)->host;
	int left = cpu_panel_columns(a.columns);

	if (!h->at)
		return true;
	if (a.rows >= ROWS) {
		cpu_panel_draw(h, area_sub(a, 0, 0, -1, left));
		return memory_panel_draw(app, area_sub(a, 0, left, -1, -1));
	}
	small_line_draw(h, area_sub(a, 0, 0, 1, -1), false);
	small_line_draw(h, area_sub(a, 1, 0, 1, -1), true);
	return false;
}
