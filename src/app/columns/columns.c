// The table of columns: how each is drawn and sorted.
#include "columns.h"

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

enum { RECENT = 60 };

enum role state_role(enum workload_state state)
{
	static const uint8_t roles[STATES] = {
		[STATE_UNKNOWN] = ROLE_WARNING, [STATE_CREATED] = ROLE_STOPPED, [STATE_RUNNING] = ROLE_RUNNING,
		[STATE_PAUSED] = ROLE_PAUSED,   [STATE_STOPPING] = ROLE_WARNING, [STATE_OFF] = ROLE_STOPPED,
		[STATE_EXITED] = ROLE_STOPPED,  [STATE_CRASHED] = ROLE_FAILED,  [STATE_SUSPENDED] = ROLE_PAUSED,
	};

	return roles[state];
}

// PEN with another role: the background and the attributes of the row stay.
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
	bool here = str_equal(row->w.host, ID_HERE) && app->host_name;

	area_text(a, 0, 0, -1, pen, here ? app->host_name : row->w.host ? row->w.host : "");
}

static void draw_kind(const struct app *app, const struct row *row, struct area a, struct pen pen)
{
	(void)app;
	area_text(a, 0, 0, -1, pen_as(pen, ROLE_DIM), workload_kind_name(row->w.kind));
}

// "● running", "✗ 137 OOM", "○ exited 0"
void state_text(const struct workload *w, bool ascii, struct str *out)
{
	const struct workload_state_info *info = workload_state_info(w->state);
	bool bad = workload_failed(w);

	str_addf(out, "%s ", bad ? (ascii ? "x" : "✗") : ascii ? info->ascii_sign : info->sign);
	if (w->state != STATE_EXITED)
		str_add(out, info->name);
	else if (w->exit_code >= 0)
		str_addf(out, "%s%d", bad ? "" : "exited ", w->exit_code);
	else
		str_add(out, "exited");
	if (bad && w->reason) {
		str_add_char(out, ' ');
		str_add(out, w->reason);
	}
}

static void draw_state(const struct app *app, const struct row *row, struct area a, struct pen pen)
{
	auto_str text = {0};

	(void)app;
	state_text(&row->w, a.canvas->glyphs == GLYPHS_ASCII, &text);
	area_text(a, 0, 0, -1, pen_as(pen, workload_failed(&row->w) ? ROLE_FAILED : state_role(row->w.state)), str_text(&text));
}

double cpu_scale(const struct app *app, const struct row *row)
{
	double cpus = row->w.cpus > 0 ? row->w.cpus : app->host.now.cpus ? app->host.now.cpus : 1;

	return cpus * 100;
}

// What the column calls 100 %.
static double cpu_hundred(const struct app *app, const struct row *row)
{
	unsigned cpus = app->host.now.cpus;

	if (app->settings.cpu == CPU_OF_HOST && cpus)
		return cpus * 100;
	return app->settings.cpu == CPU_OF_LIMIT ? cpu_scale(app, row) : 100;
}

static double cpu_of(const struct row *row)
{
	return rates_get(&row->rates, METRIC_CPU);
}

// Numbers of what does not run say nothing.
static bool has_figures(const struct row *row)
{
	return row_runs(row) && row->heard;
}

static void draw_cpu(const struct app *app, const struct row *row, struct area a, struct pen pen)
{
	const struct graph scale = {.max = cpu_scale(app, row)};
	double cpu = cpu_of(row);
	char text[UNITS_TEXT];

	if (!has_figures(row) || isnan(cpu))
		draw_missing(a, pen);
	else
		draw_right(a, cpu >= 0.6 * scale.max ? pen_as(pen, graph_role(&scale, cpu)) : pen, units_percent(text, cpu * 100 / cpu_hundred(app, row)));
}

static void draw_recent(const struct app *app, const struct row *row, struct area a, struct pen pen)
{
	double values[RECENT];

	if (!has_figures(row))
		return;
	row_history(row, SERIES_CPU, RING_SECONDS, values, RECENT);
	graph_draw(a, &(struct graph){.max = cpu_scale(app, row), .back = pen.back, .stale = pen.attrs & ATTR_DIM}, values, RECENT);
}

enum { MEMORY_TEXT = 11, PERCENT = 4 };

// "━━─ 118M/512M 23%": the bar where there is room for it.
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

static void draw_host_memory(const struct app *app, const struct row *row, struct area a, struct pen pen)
{
	double bytes = rates_get(&row->rates, METRIC_MEMORY_HOST);
	char text[UNITS_TEXT];

	(void)app;
	if (!has_figures(row) || isnan(bytes))
		draw_missing(a, pen);
	else
		draw_right(a, pen, units_bytes(text, (uint64_t)bytes));
}

static void draw_rate(const struct row *row, enum metric m, struct area a, struct pen pen)
{
	double rate = rates_get(&row->rates, m);
	char text[UNITS_TEXT];

	if (!has_figures(row) || isnan(rate))
		draw_missing(a, pen);
	else
		draw_right(a, rate < 1 ? pen_as(pen, ROLE_DIM) : pen, units_rate(text, rate));
}

#define RATE(NAME, METRIC)                                                                                   \
	static void draw_##NAME(const struct app *app, const struct row *row, struct area a, struct pen pen) \
	{                                                                                                    \
		(void)app;                                                                                       \
		draw_rate(row, METRIC, a, pen);                                                                  \
	}                                                                                                    \
	static int by_##NAME(const struct row *a, const struct row *b)                                       \
	{                                                                                                    \
		return by_number(has_figures(a) ? rates_get(&a->rates, METRIC) : (double)NAN,                    \
				 has_figures(b) ? rates_get(&b->rates, METRIC) : (double)NAN);                           \
	}

// Missing values are lower than all others.
static int by_number(double a, double b)
{
	if (isnan(a) || isnan(b))
		return (int)isnan(b) - (int)isnan(a);
	return (a > b) - (a < b);
}

RATE(rx, METRIC_NET_RX)
RATE(tx, METRIC_NET_TX)
RATE(read, METRIC_READ)
RATE(write, METRIC_WRITE)

static void draw_pids(const struct app *app, const struct row *row, struct area a, struct pen pen)
{
	(void)app;
	if (!has_figures(row) || !sample_has(&row->sample, METRIC_PIDS)) {
		draw_missing(a, pen);
		return;
	}
	char text[24];
	snprintf(text, sizeof(text), "%llu", (unsigned long long)row->sample.value[METRIC_PIDS]);
	draw_right(a, pen, text);
}

static void draw_start(const struct app *app, const struct row *row, struct area a, struct pen pen)
{
	char text[UNITS_TEXT];

	(void)app;
	if (row->w.start_ms > 0)
		draw_right(a, pen_as(pen, ROLE_DIM), units_short_time(text, row->w.start_ms));
	else
		draw_missing(a, pen);
}

// Five steps of isolation.
void posture_draw(struct area a, int column, struct pen pen, int level)
{
	enum { STEPS = 5 };
	struct pen on = pen_as(pen, level >= 4 ? ROLE_GOOD : level >= 2 ? ROLE_WARNING : ROLE_FAILED);

	for (int i = 0; i < STEPS && level >= 0; i++)
		area_glyph(a, 0, column + i, i < level ? on : pen_as(pen, ROLE_DIM), i < level ? "▰" : "▱", i < level ? "#" : "-");
}

static void draw_posture(const struct app *app, const struct row *row, struct area a, struct pen pen)
{
	(void)app;
	if (row_runs(row))
		posture_draw(a, 0, pen, posture_level(&row->w.posture));
}

static void draw_up(const struct app *app, const struct row *row, struct area a, struct pen pen)
{
	int64_t age = row_age(row, app_now(app));
	char text[UNITS_TEXT];

	if (age < 0) {
		draw_missing(a, pen);
		return;
	}
	units_age(text, age / SECOND * SECOND);
	auto_free char *ago = row_runs(row) ? mem_strdup(text) : mem_printf("%s ago", text);
	draw_right(a, row_runs(row) ? pen : pen_as(pen, ROLE_DIM), ago);
}

static void draw_text(struct area a, struct pen pen, const char *text)
{
	if (text)
		area_text(a, 0, 0, -1, pen_as(pen, ROLE_DIM), text);
}

static void draw_image(const struct app *app, const struct row *row, struct area a, struct pen pen)
{
	(void)app;
	draw_text(a, pen, row->w.image);
}

static void draw_addresses(const struct app *app, const struct row *row, struct area a, struct pen pen)
{
	(void)app;
	draw_text(a, pen, row->w.addresses);
}

static void draw_labels(const struct app *app, const struct row *row, struct area a, struct pen pen)
{
	auto_str all = {0};

	(void)app;
	for (size_t i = 0; i < row->w.labels.count; i++)
		str_addf(&all, "%s%s", i ? " " : "", row->w.labels.items[i]);
	draw_text(a, pen, str_text(&all));
}

static int by_text(const char *a, const char *b)
{
	return str_natural_compare(a ? a : "", b ? b : "");
}

static int by_name(const struct row *a, const struct row *b)
{
	return by_text(a->w.name, b->w.name);
}

static int by_host(const struct row *a, const struct row *b)
{
	return by_text(a->w.host, b->w.host);
}

static int by_kind(const struct row *a, const struct row *b)
{
	return by_text(workload_kind_name(a->w.kind), workload_kind_name(b->w.kind));
}

// What runs first, what failed next.
static int by_state(const struct row *a, const struct row *b)
{
	static const int ranks[STATES] = {
		[STATE_RUNNING] = 0, [STATE_STOPPING] = 1, [STATE_PAUSED] = 2,  [STATE_SUSPENDED] = 3, [STATE_CRASHED] = 4,
		[STATE_UNKNOWN] = 5, [STATE_EXITED] = 7,   [STATE_CREATED] = 8, [STATE_OFF] = 9,
	};
	int x = workload_failed(&a->w) ? 4 : ranks[a->w.state], y = workload_failed(&b->w) ? 4 : ranks[b->w.state];

	return x - y;
}

static int by_cpu(const struct row *a, const struct row *b)
{
	return by_number(has_figures(a) ? cpu_of(a) : (double)NAN, has_figures(b) ? cpu_of(b) : (double)NAN);
}

static int by_memory(const struct row *a, const struct row *b)
{
	return by_number(has_figures(a) ? row_memory(a) : (double)NAN, has_figures(b) ? row_memory(b) : (double)NAN);
}

static int by_host_memory(const struct row *a, const struct row *b)
{
	return by_number(has_figures(a) ? rates_get(&a->rates, METRIC_MEMORY_HOST) : (double)NAN,
			 has_figures(b) ? rates_get(&b->rates, METRIC_MEMORY_HOST) : (double)NAN);
}

static int by_pids(const struct row *a, const struct row *b)
{
	return by_number(rates_get(&a->rates, METRIC_PIDS), rates_get(&b->rates, METRIC_PIDS));
}

static int by_start(const struct row *a, const struct row *b)
{
	return by_number(a->w.start_ms > 0 ? a->w.start_ms : (double)NAN, b->w.start_ms > 0 ? b->w.start_ms : (double)NAN);
}

static int by_posture(const struct row *a, const struct row *b)
{
	return posture_level(&a->w.posture) - posture_level(&b->w.posture);
}

static int by_up(const struct row *a, const struct row *b)
{
	int64_t now = clock_wall(), x = row_age(a, now), y = row_age(b, now);

	return (x > y) - (x < y);
}

static int by_image(const struct row *a, const struct row *b)
{
	return by_text(a->w.image, b->w.image);
}

static int by_addresses(const struct row *a, const struct row *b)
{
	return by_text(a->w.addresses, b->w.addresses);
}

const struct column column_table[] = {
	{.name = "name", .help = "name", .table = {.title = "NAME", .width = 14, .widest = 36, .align = ALIGN_LEFT},
	 .draw = draw_name, .compare = by_name},
	{.name = "host", .help = "host of the workload",
	 .table = {.title = "HOST", .width = 10, .widest = 20, .priority = 10, .align = ALIGN_LEFT}, .hidden = true,
	 .draw = draw_host, .compare = by_host},
	{.name = "kind", .help = "guest or container",
	 .table = {.title = "KIND", .width = 9, .priority = 5, .align = ALIGN_LEFT}, .draw = draw_kind,
	 .compare = by_kind},
	{.name = "state", .help = "state; exit status and reason after exit",
	 .table = {.title = "STATE", .width = 11, .widest = 22, .align = ALIGN_LEFT}, .draw = draw_state,
	 .compare = by_state},
	{.name = "cpu", .help = "CPU, 100 = one core",
	 .table = {.title = "CPU%", .width = 6, .priority = 1, .align = ALIGN_RIGHT}, .descending = true,
	 .live = true, .draw = draw_cpu, .compare = by_cpu},
	{.name = "recent", .help = "CPU of the last minute",
	 .table = {.title = "60s", .width = 8, .widest = 30, .priority = 4, .align = ALIGN_LEFT}, .descending = true,
	 .live = true, .draw = draw_recent},
	{.name = "mem", .help = "memory in use, its limit, and the share of it",
	 .table = {.title = "MEM", .width = MEMORY_TEXT + 1 + PERCENT, .widest = MEMORY_TEXT + PERCENT + 9, .priority = 2, .align = ALIGN_RIGHT},
	 .descending = true, .live = true, .draw = draw_memory, .compare = by_memory},
	{.name = "rss", .help = "host RSS: memory resident on the host",
	 .table = {.title = "HOST MEM", .width = 8, .priority = 11, .align = ALIGN_RIGHT}, .hidden = true,
	 .descending = true, .live = true, .draw = draw_host_memory, .compare = by_host_memory},
	{.name = "rx", .help = "received from the network, per second",
	 .table = {.title = "NET↓", .width = 5, .priority = 6, .align = ALIGN_RIGHT}, .descending = true,
	 .live = true, .draw = draw_rx, .compare = by_rx},
	{.name = "tx", .help = "sent to the network, per second",
	 .table = {.title = "NET↑", .width = 5, .priority = 6, .align = ALIGN_RIGHT}, .descending = true,
	 .live = true, .draw = draw_tx, .compare = by_tx},
	{.name = "read", .help = "read from disks, per second",
	 .table = {.title = "READ", .width = 5, .priority = 7, .align = ALIGN_RIGHT}, .descending = true,
	 .live = true, .draw = draw_read, .compare = by_read},
	{.name = "write", .help = "written to disks, per second",
	 .table = {.title = "WRITE", .width = 5, .priority = 7, .align = ALIGN_RIGHT}, .descending = true,
	 .live = true, .draw = draw_write, .compare = by_write},
	{.name = "pids", .help = "processes and threads, or virtual CPUs",
	 .table = {.title = "TASKS", .width = 5, .priority = 10, .align = ALIGN_RIGHT}, .hidden = true,
	 .descending = true, .live = true, .draw = draw_pids, .compare = by_pids},
	{.name = "start", .help = "duration of the last start",
	 .table = {.title = "START", .width = 6, .priority = 9, .align = ALIGN_RIGHT}, .draw = draw_start,
	 .compare = by_start},
	{.name = "iso", .help = "isolation, as the kernel reports",
	 .table = {.title = "ISO", .width = 5, .priority = 8, .align = ALIGN_LEFT}, .descending = true,
	 .draw = draw_posture, .compare = by_posture},
	{.name = "image", .help = "image, or operating system",
	 .table = {.title = "IMAGE", .width = 12, .widest = 30, .priority = 12, .align = ALIGN_LEFT}, .hidden = true,
	 .draw = draw_image, .compare = by_image},
	{.name = "address", .help = "network addresses",
	 .table = {.title = "ADDRESS", .width = 15, .widest = 30, .priority = 12, .align = ALIGN_LEFT},
	 .hidden = true, .draw = draw_addresses, .compare = by_addresses},
	{.name = "labels", .help = "labels",
	 .table = {.title = "LABELS", .width = 12, .widest = 40, .priority = 12, .align = ALIGN_LEFT}, .hidden = true,
	 .draw = draw_labels},
	{.name = "up", .help = "uptime, or time since exit",
	 .table = {.title = "UP", .width = 9, .priority = 3, .align = ALIGN_RIGHT}, .descending = true,
	 .draw = draw_up, .compare = by_up},
};
const size_t column_count = ARRAY_SIZE(column_table);
_Static_assert(ARRAY_SIZE(column_table) <= TABLE_COLUMNS, "the list has room for all columns");

int column_unknown(const char *name, bool sorted, struct err *e)
{
	auto_str names = {0};

	for (size_t i = 0; i < column_count; i++)
		if (!sorted || column_table[i].compare)
			str_addf(&names, "%s%s", names.length ? ", " : "", column_table[i].name);
	return err_msg(e, EINVAL, "unknown column '%s' (columns%s: %s)", name, sorted ? " to sort by" : "", str_text(&names));
}

int column_to_sort_by(const char *name, struct err *e)
{
	name += name[0] == '-';
	int column = column_find(name);
	return column < 0 || !column_table[column].compare ? column_unknown(name, true, e) : column;
}

int column_find(const char *name)
{
	for (size_t i = 0; i < column_count; i++)
		if (strcmp(column_table[i].name, name) == 0)
			return (int)i;
	return -1;
}
