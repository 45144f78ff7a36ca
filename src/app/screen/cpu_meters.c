// The meters of each CPU: see cpu_meters.h.
#include "cpu_meters.h"

#include <math.h>
#include <stdio.h>

#include "base/mem.h"
#include "base/units.h"
#include "ui/graph.h"

#include "app/know/host.h"

enum {
	METER_LEAST = 14, // columns of " 0 ━━━━━━ 100% "
	NUMBER = 4,       // columns of a CPU's number and a blank
	PERCENT = 5,      // of a blank and "100%"
	GAP = 1,
	COLUMN_ROWS = 2,  // rows of the columns
	COLUMN_LABEL = 8, // columns of "0–511" and blanks
};

// The rows that meters may have: on smaller screens the list needs them.
static const struct {
	int screen, meters;
} room[] = {{60, 6}, {50, 4}, {36, 3}};

// The numbers of the CPUs that are online.
struct online {
	unsigned cpu[PROC_CPUS_MAX];
	int count;
};

static void online_find(struct online *o, const struct host *h)
{
	o->count = 0;
	for (unsigned i = 0; i < h->now.cpu_count; i++)
		if (h->now.cpu_ns[i] != PROC_CPU_OFFLINE)
			o->cpu[o->count++] = i;
}

static int divided_up(int a, int b)
{
	return (a + b - 1) / b;
}

static int meters_across(int columns)
{
	return (columns + GAP) / METER_LEAST > 0 ? (columns + GAP) / METER_LEAST : 1;
}

int cpu_meters_rows(const struct host *h, int screen_rows, int columns)
{
	struct online o;
	int most = 0;

	online_find(&o, h);
	for (size_t i = 0; i < ARRAY_SIZE(room) && !most; i++)
		most = screen_rows >= room[i].screen ? room[i].meters : 0;
	o.count = h->at ? o.count : (int)h->now.cpus; // before the first figures: the layout does not change with them
	if (o.count < 2) // the panel's title says it
		return 0;
	int rows = divided_up(o.count, meters_across(columns));
	return rows <= most ? rows : most >= COLUMN_ROWS + 2 ? COLUMN_ROWS : 0;
}

static void meter_draw(const struct host *h, struct area a, unsigned cpu)
{
	double percent = h->cpus[cpu];
	char text[16];

	snprintf(text, sizeof(text), "%u", cpu);
	area_put(a, 0, 0, NUMBER - 1, ALIGN_RIGHT, PEN(ROLE_DIM), text);
	graph_bar(area_sub(a, 0, NUMBER, 1, a.columns - NUMBER - PERCENT), &(struct graph){.max = 100}, percent);
	snprintf(text, sizeof(text), isnan(percent) ? "-" : "%.0f%%", percent);
	area_put(a, 0, a.columns - PERCENT, PERCENT, ALIGN_RIGHT, PEN(ROLE_TEXT), text);
}

// From top to bottom, then from left to right.
static void bars_draw(const struct host *h, struct area a, const struct online *o)
{
	int across = divided_up(o->count, a.rows), width = (a.columns + GAP) / across;

	for (int i = 0; i < o->count; i++)
		meter_draw(h, area_sub(a, i % a.rows, i / a.rows * width, 1, width - GAP), o->cpu[i]);
}

// With more CPUs than columns, each column is the busiest one of its CPUs.
static void columns_draw(const struct host *h, struct area a, const struct online *o)
{
	struct area graph = area_sub(a, 0, COLUMN_LABEL, -1, -1);
	int most = (int)graph_values(a.canvas, graph.columns), each = divided_up(o->count, most > 0 ? most : 1),
	    shown = divided_up(o->count, each), side = (int)graph_values(a.canvas, 1), cells = divided_up(shown, side);
	double values[PROC_CPUS_MAX + 1];

	for (int i = 0; i < cells * side; i++)
		values[i] = NAN;
	for (int i = 0; i < o->count; i++)
		values[i / each] = fmax(values[i / each], h->cpus[o->cpu[i]]);
	area_text(a, 0, 0, -1, PEN(ROLE_DIM), each > 1 ? "busiest" : "CPUs");
	area_printf(a, 1, 0, PEN(ROLE_DIM), "%u-%u", o->cpu[0], o->cpu[o->count - 1]);
	graph_draw(area_sub(graph, 0, 0, -1, cells), &(struct graph){.max = 100}, values, (size_t)(cells * side));
}

void cpu_meters_draw(const struct host *h, struct area a)
{
	struct online o;

	online_find(&o, h);
	if (a.rows < 1 || !o.count)
		return;
	if (divided_up(o.count, meters_across(a.columns)) <= a.rows)
		bars_draw(h, a, &o);
	else
		columns_draw(h, a, &o);
}
