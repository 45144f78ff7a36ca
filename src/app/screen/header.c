// The header: the machine, its figures, and the measuring interval.
#include "header.h"

#include <math.h>
#include <stdio.h>

#include "app/app.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/units.h"
#include "client/link.h"
#include "sys/proc.h"
#include "ui/canvas.h"

#include "app/know/app.h"
#include "app/know/host.h"
#include "app/list/list.h"
#include "host_panels.h"

// A line filled from left to right.
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

// If there is no room for the panels.
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
	snprintf(text, sizeof(text), "%s/%s", units_bytes(used, (uint64_t)host_memory_used(host)),
	         units_bytes(total, h->memory_total));
	line_put(l, PEN(header_load_role(memory)), text);
	line_gap(l, 3);
	line_put(l, PEN(ROLE_DIM), "load ");
	snprintf(text, sizeof(text), "%.2f", h->load1);
	line_put(l, PEN(ROLE_TEXT), text);
}

// "Debian GNU/Linux 12 · Linux 6.1 · up 12d". Owned; NULL = unknown.
static char *header_system(const struct machine *m, bool ascii)
{
	char age[UNITS_TEXT];
	const char *dot = ascii ? "|" : "·";

	if (!m->system || !m->kernel || !m->host.now.up_ns)
		return NULL;
	return mem_printf("%s %s %s %s up %s", m->system, dot, m->kernel, dot,
	                  units_age(age, (int64_t)m->host.now.up_ns));
}

// The system, if there is room beside the figures that did not fit into the panels.
static void header_put_rest(const struct app *app, struct text_line *l, bool traffic, int width)
{
	auto_free char *system = header_system(app_machine(app), app->canvas.glyphs == GLYPHS_ASCII),
	               *rest = traffic ? NULL : host_traffic(app);
	int needed = rest ? text_width(rest) + 3 : 0;

	if (system && l->at + 3 + text_width(system) + needed <= width) {
		line_gap(l, 3);
		line_put(l, PEN(ROLE_DIM), system);
	}
	if (rest && l->at + needed <= width) {
		line_gap(l, 3);
		line_put(l, PEN(ROLE_TEXT), rest);
	}
}

// The right end: active modes, measuring interval, round-trip time.
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
	if (app->list->follows)
		str_addf(&out, "following %s ", dot);
	str_add(&out, units_age(text, app->settings.interval));
	if (app->options->host && !m->lost && link_round_trip(m->link) >= 0)
		str_addf(&out, " %s ssh %s", dot, units_short_time(text, (double)link_round_trip(m->link) / MS));
	if (!isnan(app->own.cpu) && !m->host.now.wall) // not for a simulated host
		str_addf(&out, " %s self %.1f%%", dot, app->own.cpu);
	return str_steal(&out);
}

static void header_draw_line(struct app *app, struct area a, bool panels, bool traffic)
{
	struct text_line l = {area_sub(a, 0, 0, 1, -1), 1};
	auto_free char *state = header_state(app);
	int width = text_width(state);

	line_put(&l, PEN(ROLE_TITLE), "hostel");
	line_gap(&l, 2);
	const char *name = app->options->host ? app->options->host : app_machine(app)->name;
	if (name)
		line_put(&l, PEN(ROLE_TEXT), name);
	if (!panels)
		header_put_figures(&app_machine(app)->host, &l);
	else
		header_put_rest(app, &l, traffic, a.columns - width - 3);
	if (l.at + width + 3 <= a.columns)
		area_text(a, 0, a.columns - width - 1, -1, PEN(ROLE_DIM), state);
}

int header_rows(const struct app *app, int rows, int columns)
{
	enum { LEAST = 11, FULL = 24, FULL_COLUMNS = 80 }; // fewer: no header, one line in all

	if (rows < FULL || columns < FULL_COLUMNS)
		return rows >= LEAST;
	return 1 + host_panels_rows(app, rows, columns);
}

void header_draw(struct app *app, struct area a)
{
	bool panels = a.rows > 1, traffic = panels && host_panels_draw(app, area_sub(a, 1, 0, -1, -1));

	if (a.rows > 0)
		header_draw_line(app, a, panels, traffic);
}
