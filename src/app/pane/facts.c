// The tabs that are drawn from what the dashboard knows already: overview, graphs, isolation.
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

enum { LABEL = 11, HISTORY = 1440, GRAPH_LEAST = 8 };

static void fact_label(struct area a, int row, const char *text)
{
	area_text(a, row, 1, LABEL - 1, PEN(ROLE_DIM), text);
}

static void cpu_words(const struct row *row, struct str *out)
{
	double cpu = rates_get(&row->rates, METRIC_CPU);
	char text[UNITS_TEXT];

	if (isnan(cpu) || !row_runs(row))
		str_add(out, "–");
	else
		str_addf(out, "%s%% of one core", units_percent(text, cpu));
	if (row->w.cpus > 0)
		str_addf(out, row->w.kind == KIND_GUEST ? ", %g vCPUs" : ", limit %g", row->w.cpus);
}

static void memory_words(const struct row *row, struct str *out)
{
	double used = row_memory(row), limit = row_memory_limit(row), host = rates_get(&row->rates, METRIC_MEMORY_HOST),
	       cache = rates_get(&row->rates, METRIC_CACHE);
	char text[UNITS_TEXT];

	if (isnan(used) || !row_runs(row))
		str_add(out, "–");
	else
		str_add(out, units_bytes(text, (uint64_t)used));
	if (!isnan(limit) && limit > 0)
		str_addf(out, " of %s", units_bytes(text, (uint64_t)limit));
	if (row->w.kind == KIND_GUEST && !isnan(host) && row_runs(row))
		str_addf(out, ", host RSS %s", units_bytes(text, (uint64_t)host));
	if (!isnan(cache) && cache > 0 && row_runs(row))
		str_addf(out, " (cache %s)", units_bytes(text, (uint64_t)cache));
}

// What holds it back: the limit, the host, want of memory. "" for nothing.
static void cpu_notes(const struct row *row, struct str *out)
{
	double throttled = rates_get(&row->rates, METRIC_THROTTLED), steal = rates_get(&row->rates, METRIC_STEAL),
	       psi = rates_get(&row->rates, METRIC_PSI_CPU);

	if (throttled >= 1)
		str_addf(out, "throttled %.0f%%  ", throttled);
	if (steal >= 1)
		str_addf(out, "CPU wait (steal) %.0f%%  ", steal);
	if (psi >= 1)
		str_addf(out, "pressure %.0f%%", psi);
}

static void memory_notes(const struct row *row, struct str *out)
{
	double kills = rates_get(&row->rates, METRIC_OOM_KILLS), psi = rates_get(&row->rates, METRIC_PSI_MEMORY),
	       swap = rates_get(&row->rates, METRIC_SWAP);
	char text[UNITS_TEXT];

	if (kills > 0)
		str_add(out, "processes killed for lack of memory  ");
	if (psi >= 1)
		str_addf(out, "pressure %.0f%%  ", psi);
	if (swap > 0)
		str_addf(out, "swapped out %s", units_bytes(text, (uint64_t)swap));
}

// One line: words, then a graph, then what is remarkable.
static void figure_line(const struct row *row, struct area a, int at, const char *name,
                        const char *words, enum series series, double scale, uint8_t role, const char *notes)
{
	double values[HISTORY];
	int words_width = 44 < a.columns / 2 ? 44 : a.columns / 2, notes_width = *notes ? text_width(notes) + 2 : 0;
	int room = a.columns - LABEL - words_width - notes_width - 1;

	fact_label(a, at, name);
	area_text(a, at, LABEL, words_width - 1, PEN(ROLE_TEXT), words);
	if (*notes)
		area_put(a, at, a.columns - notes_width, notes_width - 1, ALIGN_RIGHT, PEN(ROLE_WARNING), notes);
	if (room < GRAPH_LEAST)
		return;
	size_t count = graph_values(a.canvas, room);
	count = count < HISTORY ? count : HISTORY;
	row_history(row, series, RING_SECONDS, values, count);
	graph_draw(area_sub(a, at, LABEL + words_width, 1, room),
	           &(struct graph){.max = scale, .role = role, .stale = row_is_stale(row)}, values, count);
}

static void traffic_words(const struct row *row, enum metric in, enum metric out_metric, bool arrows, struct str *out)
{
	double first = rates_get(&row->rates, in), second = rates_get(&row->rates, out_metric);
	char text[UNITS_TEXT];

	str_addf(out, "%s %s", arrows ? "↓" : "read", isnan(first) || !row_runs(row) ? "–" : units_rate(text, first));
	str_addf(out, "  %s %s", arrows ? "↑" : "write", isnan(second) || !row_runs(row) ? "–" : units_rate(text, second));
}

static void add_time(const struct row *row, int64_t at, struct str *out)
{
	char date[DATE_TEXT], age[UNITS_TEXT];

	str_addf(out, "%s, %s ago", date_local(date, DATE_PLAIN, at),
	         units_age(age, (row_now(row) - at) / SECOND * SECOND));
}

static void state_words(const struct row *row, struct str *out)
{
	const struct workload *w = &row->w;
	char text[UNITS_TEXT];

	str_add(out, item_state_info(w->state)->name);
	if (w->state == STATE_EXITED && w->exit_code >= 0)
		str_addf(out, " %d", w->exit_code);
	if (w->reason)
		str_addf(out, " (%s)", w->reason);
	if (row_runs(row) && w->started) {
		str_add(out, " since ");
		add_time(row, w->started, out);
	} else if (w->finished) {
		str_add(out, " since ");
		add_time(row, w->finished, out);
	}
	if (w->start_ms > 0)
		str_addf(out, "; last start took %s", units_short_time(text, w->start_ms));
	if (w->restarts > 0)
		str_addf(out, "; restarted %d time%s", w->restarts, w->restarts == 1 ? "" : "s");
}

static void last_end_words(const struct row *row, struct str *out)
{
	const struct workload *w = &row->w;

	if (!w->last_finished)
		return;
	if (w->last_exit_code >= 0)
		str_addf(out, "exit status %d, ", w->last_exit_code);
	if (w->last_reason)
		str_addf(out, "%s, ", w->last_reason);
	add_time(row, w->last_finished, out);
}

// Emulation is what is left where the hardware does not help: nothing is missing where it is not used.
static bool barrier_counts(const struct posture *p, enum barrier b)
{
	return p->known >> b & 1 && (b != BARRIER_EMULATED || posture_stands(p, b));
}

static void isolation_words(const struct row *row, struct str *out)
{
	unsigned known = 0, stand = 0;

	for (enum barrier b = 0; b < BARRIERS; b++) {
		known += barrier_counts(&row->w.posture, b);
		stand += barrier_counts(&row->w.posture, b) && posture_stands(&row->w.posture, b);
	}
	if (known)
		str_addf(out, "%u of %u isolation checks pass", stand, known);
}

static int fact_line(struct area a, int at, const char *name, const char *text, enum role role)
{
	if (!text || !*text || at >= a.rows)
		return at;
	fact_label(a, at, name);
	area_text(a, at, LABEL, -1, PEN(role), text);
	return at + 1;
}

static void labels_words(const struct workload *w, struct str *out)
{
	for (size_t i = 0; i < w->labels.count; i++)
		str_addf(out, "%s%s", i ? "  " : "", w->labels.items[i]);
}

// CPU, memory, network and disk: one line each. Returns how many.
static int draw_figures(const struct row *row, struct area a)
{
	auto_str cpu = {0}, memory = {0}, cpu_note = {0}, memory_note = {0}, net = {0}, disk = {0};
	double limit = row_memory_limit(row);

	cpu_words(row, &cpu);
	cpu_notes(row, &cpu_note);
	memory_words(row, &memory);
	memory_notes(row, &memory_note);
	figure_line(row, a, 0, "CPU", str_text(&cpu), SERIES_CPU, cpu_scale(row), 0, str_text(&cpu_note));
	figure_line(row, a, 1, "Memory", str_text(&memory), SERIES_MEMORY, limit > 0 ? limit : 0, 0,
	            str_text(&memory_note));
	traffic_words(row, METRIC_NET_RX, METRIC_NET_TX, a.canvas->glyphs != GLYPHS_ASCII, &net);
	figure_line(row, a, 2, "Network", str_text(&net), SERIES_RX, 0, ROLE_NETWORK, "");
	traffic_words(row, METRIC_READ, METRIC_WRITE, false, &disk);
	figure_line(row, a, 3, "Disk", str_text(&disk), SERIES_WRITE, 0, ROLE_DISK, "");
	return 4;
}

// What seldom changes, from row AT on.
static void draw_origin(const struct row *row, struct area a, int at)
{
	const struct workload *w = &row->w;
	auto_str labels = {0}, more = {0};

	labels_words(w, &labels);
	at = fact_line(a, at, "Labels", str_text(&labels), ROLE_TEXT);
	if (w->created) {
		add_time(row, w->created, &more);
		at = fact_line(a, at, "Created", str_text(&more), ROLE_TEXT);
	}
	str_clear(&more);
	if (w->pid)
		str_addf(&more, "%d (on the host)", w->pid);
	at = fact_line(a, at, "PID", w->pid ? str_text(&more) : NULL, ROLE_TEXT);
	at = fact_line(a, at, "Autostart", w->autostart ? "starts when the host boots" : NULL, ROLE_TEXT);
	fact_line(a, at, "Id", w->id, ROLE_DIM);
}

void facts_overview(struct app *app, struct row *row, struct area a)
{
	const struct workload *w = &row->w;
	auto_str state = {0}, last = {0}, iso = {0};
	(void)app;
	int at = draw_figures(row, a);

	at = fact_line(a, at, "Trouble", w->trouble, ROLE_WARNING);
	state_words(row, &state);
	at = fact_line(a, at, "State", str_text(&state), state_role(w->state));
	last_end_words(row, &last);
	at = fact_line(a, at, "Last exit", str_text(&last), w->last_reason ? ROLE_WARNING : ROLE_TEXT);
	at = fact_line(a, at, w->kind == KIND_GUEST ? "System" : "Image", w->image, ROLE_TEXT);
	at = fact_line(a, at, "Command", w->command, ROLE_TEXT);
	at = fact_line(a, at, "Address", w->addresses, ROLE_TEXT);
	if (posture_level(&w->posture) >= 0 && at < a.rows) {
		isolation_words(row, &iso);
		str_add(&iso, " (see Isolation)");
		fact_label(a, at, "Isolation");
		posture_draw(area_sub(a, at, 0, 1, -1), LABEL, PEN(ROLE_TEXT), posture_level(&w->posture));
		area_text(a, at++, LABEL + 7, -1, PEN(ROLE_DIM), str_text(&iso));
	}
	draw_origin(row, a, at);
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

static const char *const spans[RING_TIERS] = {
	[RING_SECONDS] = "one value per second", [RING_TENS] = "one value per 10 s",
	 [RING_MINUTES] = "one value per minute"};

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

static void graph_of_metric(const struct app *app, const struct row *row, struct area a, size_t which)
{
	double values[HISTORY];
	size_t count = graph_values(a.canvas, a.columns - 1);
	double scale = graphs[which].series == SERIES_CPU      ? cpu_scale(row)
	               : graphs[which].series == SERIES_MEMORY ? row_memory_limit(row)
	                                                       : 0;
	char now[UNITS_TEXT], peak[UNITS_TEXT];

	count = count < HISTORY ? count : HISTORY;
	row_history(row, graphs[which].series, app->pane->span, values, count);
	double latest = rates_get(&row->rates, graphs[which].metric), most = graph_highest(values, count);
	area_text(a, 0, 1, -1, PEN(ROLE_DIM), graphs[which].title);
	if (!isnan(latest) && row_runs(row)) {
		graph_number(now, graphs[which].series, latest);
		area_text(a, 0, 10, -1, PEN(ROLE_TEXT), now);
	}
	graph_number(peak, graphs[which].series, most);
	auto_free char *top = mem_printf("peak %s", peak);
	area_put(a, 0, 0, a.columns - 1, ALIGN_RIGHT, PEN(ROLE_DIM), top);
	graph_draw(area_sub(a, 1, 1, -1, a.columns - 2),
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
	area_printf(a, a.rows - 1, 1, PEN(ROLE_DIM), "%s   ( shorter   ) longer", spans[app->pane->span]);
}

void facts_item(const struct row *row, struct area a)
{
	const struct fact_source from = {row_item(row), &row->sample, row->rates.have ? &row->rates : NULL, row_now(row)};
	const struct fact_binding *bindings = kind_bindings(row->w.kind);
	int at = 0;

	for (enum fact fact = 0; fact < FACTS && at < a.rows; fact++) {
		auto_str text = {0};

		if (bindings[fact].type == FIELD_NONE)
			continue;
		if (fact_is_number(fact))
			fact_add_cell(&text, fact, &from);
		else
			fact_add_plain(&text, fact, &from); // a digest is whole there
		if (strcmp(str_text(&text), "-") == 0)
			continue;
		fact_label(a, at, fact_info(fact)->name);
		area_text(a, at++, LABEL + 1, -1, PEN(ROLE_TEXT), str_text(&text));
	}
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
		                        : "not running: nothing to isolate");
		return;
	}
	posture_draw(a, 1, PEN(ROLE_TEXT), level);
	isolation_words(row, &words);
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
