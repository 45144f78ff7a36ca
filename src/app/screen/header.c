// The header: the machine, its figures, and how often they are measured.
#include "header.h"

#include <math.h>
#include <stdio.h>

#include "app/app.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/units.h"
#include "client/link.h"
#include "model/ring.h"
#include "model/workload.h"
#include "sys/proc.h"
#include "ui/canvas.h"
#include "ui/graph.h"

#include "app/know/app.h"
#include "app/know/host.h"
#include "app/list/list.h"

enum { HISTORY = 1024 };

// A line that is written from left to right.
struct text_line {
	struct area a;
	int at;
};

static void line_put(struct text_line *l, struct pen pen, const char *text)
{
	l->at += area_text(l->a, 0, l->at, -1, pen, text);
}

static void line_gap(struct text_line *l, int columns)
{
	l->at += columns;
}

static enum role header_load_role(double percent)
{
	return percent >= 85 ? ROLE_HIGH : percent >= 60 ? ROLE_MID : ROLE_TEXT;
}

static void header_put_figures(const struct host *host, struct text_line *l)
{
	const struct proc_host *h = &host->now;
	double cpu = host->value[HOST_CPU], memory = host->value[HOST_MEMORY];
	char used[UNITS_TEXT], total[UNITS_TEXT], text[64];

	if (!host->at)
		return;
	line_gap(l, 3);
	line_put(l, PEN(ROLE_DIM), "cpu ");
	snprintf(text, sizeof(text), isnan(cpu) ? "–" : "%.0f%%", cpu);
	line_put(l, PEN(header_load_role(cpu)), text);
	snprintf(text, sizeof(text), " of %u", h->cpus);
	line_put(l, PEN(ROLE_DIM), text);
	line_gap(l, 3);
	line_put(l, PEN(ROLE_DIM), "mem ");
	snprintf(text, sizeof(text), "%s/%s", units_bytes(used, h->memory_total - h->memory_available),
	         units_bytes(total, h->memory_total));
	line_put(l, PEN(header_load_role(memory)), text);
	line_gap(l, 3);
	line_put(l, PEN(ROLE_DIM), "load ");
	snprintf(text, sizeof(text), "%.2f", h->load1);
	line_put(l, PEN(ROLE_TEXT), text);
}

static void header_put_counts(const struct app *app, struct text_line *l)
{
	char text[64];

	for (int kind = WORKLOAD_KINDS - 1; kind >= 0; kind--) {
		line_gap(l, 3 - (kind == 0));
		snprintf(text, sizeof(text), "%zu %s%s", app->rows.kinds[kind], workload_kind_name((enum kind)kind),
		         app->rows.kinds[kind] == 1 ? "" : "s");
		line_put(l, PEN(ROLE_TEXT), text);
	}
}

// What the right end says: modes that should not be forgotten, how often it measures, how far away it is.
static char *header_state(const struct app *app)
{
	const struct machine *m = app_machine(app);
	const char *dot = app->canvas.glyphs == GLYPHS_ASCII ? "|" : "·";
	auto_str out = {0};
	char text[UNITS_TEXT];

	if (app_read_only(app))
		str_addf(&out, "read-only %s ", dot);
	if (app->list->frozen)
		str_addf(&out, "frozen %s ", dot);
	str_add(&out, units_age(text, app->settings.interval));
	if (app->options->host && !m->lost && link_round_trip(m->link) >= 0)
		str_addf(&out, " %s ssh %s", dot, units_short_time(text, (double)link_round_trip(m->link) / MS));
	if (!isnan(app->own.cpu))
		str_addf(&out, " %s self %.1f%%", dot, app->own.cpu);
	return str_steal(&out);
}

static void header_draw_line(struct app *app, struct area a)
{
	struct text_line l = {area_sub(a, 0, 0, 1, -1), 1};
	auto_free char *state = header_state(app);
	int width = text_width(state);

	line_put(&l, PEN(ROLE_TITLE), "hostel");
	line_gap(&l, 2);
	const struct machine *m = app_machine(app);
	const char *name = app->options->host ? app->options->host : m->name;
	if (name)
		line_put(&l, PEN(ROLE_TEXT), name);
	header_put_figures(&m->host, &l);
	if (l.at + 30 < a.columns)
		header_put_counts(app, &l);
	if (l.at + width + 3 <= a.columns)
		area_text(a, 0, a.columns - width - 1, -1, PEN(ROLE_DIM), state);
}

static int header_draw_graph(const struct host *host, struct area a, int at, int width, const char *name,
                             enum host_series series, uint8_t role)
{
	double values[HISTORY];
	size_t count = graph_values(a.canvas, width);
	char text[16];

	count = count < HISTORY ? count : HISTORY;
	at += area_text(a, 0, at, -1, PEN(role), name) + 1;
	ring_last(&host->rings[series], RING_SECONDS, values, count);
	graph_draw(area_sub(a, 0, at, 1, width), &(struct graph){.max = 100}, values, count);
	snprintf(text, sizeof(text), isnan(host->value[series]) ? "–" : "%.0f%%", host->value[series]);
	area_put(a, 0, at + width + 1, 4, ALIGN_RIGHT, PEN(ROLE_TEXT), text);
	return at + width + 1 + 4 + 3;
}

static void header_rate(char out[UNITS_TEXT], double rate)
{
	if (isnan(rate))
		snprintf(out, UNITS_TEXT, "–");
	else
		units_rate(out, rate);
}

static void header_draw_graphs(const struct app *app, struct area a)
{
	const struct host *h = &app_machine(app)->host;
	char first[UNITS_TEXT], second[UNITS_TEXT];
	bool ascii = a.canvas->glyphs == GLYPHS_ASCII;

	header_rate(first, h->value[HOST_RX]);
	header_rate(second, h->value[HOST_TX]);
	auto_free char *net = mem_printf(ascii ? "in %s out %s" : "↓%s ↑%s", first, second);
	header_rate(first, h->value[HOST_READ]);
	header_rate(second, h->value[HOST_WRITE]);
	auto_free char *io = mem_printf("r %s w %s", first, second);
	auto_free char *psi =
	    isnan(h->now.psi_cpu) ? NULL : mem_printf("%.1f/%.1f/%.1f", h->now.psi_cpu, h->now.psi_memory, h->now.psi_io);
	int words = text_width(net) + text_width(io) + (psi ? text_width(psi) : 0) + 22,
	    width = (a.columns - words - 30) / 2;
	bool with_words = width >= 8;

	if (!with_words)
		width = (a.columns - 28) / 2;
	if (width < 4)
		return;
	int at = header_draw_graph(h, a, 1, width, "CPU", HOST_CPU, ROLE_CPU);
	at = header_draw_graph(h, a, at, width, "MEM", HOST_MEMORY, ROLE_MEMORY);
	if (!with_words)
		return;
	struct text_line l = {a, at};
	line_put(&l, PEN(ROLE_NETWORK), "NET ");
	line_put(&l, PEN(ROLE_TEXT), net);
	line_gap(&l, 3);
	line_put(&l, PEN(ROLE_DISK), "IO ");
	line_put(&l, PEN(ROLE_TEXT), io);
	line_gap(&l, 3);
	if (!psi)
		return;
	line_put(&l, PEN(ROLE_DIM), "PSI ");
	line_put(&l, PEN(h->now.psi_cpu >= 20 || h->now.psi_memory >= 5 || h->now.psi_io >= 20 ? ROLE_WARNING : ROLE_TEXT),
	         psi);
}

void header_draw(struct app *app, struct area a)
{
	if (a.rows > 0)
		header_draw_line(app, a);
	if (a.rows > 1)
		header_draw_graphs(app, area_sub(a, 1, 0, 1, -1));
}
