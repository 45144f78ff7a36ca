// `hostel ls` and `hostel stats`: rows of workloads and their figures, for people and as JSON.
#include <errno.h>
#include <math.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/units.h"
#include "cli.h"
#include "format.h"
#include "model/query.h"
#include "session.h"

struct row {
	const struct workload *w;
	struct sample sample; // the newest; have 0: none
	struct rates rates;   // between the last two
};

struct rows {
	struct row *items;
	size_t count;
};

// A column of a table: its title, whether numbers stand at its right edge, and the text of a row.
struct column {
	const char *title;
	bool right;
	void (*get)(const struct row *row, struct str *out);
};

static void get_name(const struct row *row, struct str *out)
{
	str_add_visible(out, row->w->name, strlen(row->w->name));
}

static void get_kind(const struct row *row, struct str *out)
{
	str_add(out, workload_kind_name(row->w->kind));
}

static void get_state(const struct row *row, struct str *out)
{
	str_add(out, workload_state_info(row->w->state)->name);
	if (row->w->state == STATE_EXITED && row->w->exit_code >= 0)
		str_addf(out, " %d", row->w->exit_code);
	if (row->w->state == STATE_EXITED && row->w->reason)
		str_add_char(out, ' '), str_add_visible(out, row->w->reason, strlen(row->w->reason));
}

static void get_image(const struct row *row, struct str *out)
{
	if (row->w->image)
		str_add_visible(out, row->w->image, strlen(row->w->image));
}

// Of its whole life, as ps(1) does it: exact, and there without waiting.
static double lifetime_cpu(const struct row *row)
{
	double seconds = row->w->started ? (double)(clock_wall() - row->w->started) / SECOND : 0;

	return sample_has(&row->sample, METRIC_CPU) && seconds > 0 ? (double)row->sample.value[METRIC_CPU] / SECOND / seconds * 100 : NAN;
}

static void add_percent(struct str *out, double percent)
{
	char text[UNITS_TEXT];

	str_add(out, isnan(percent) ? "-" : units_percent(text, percent));
}

static void get_life_cpu(const struct row *row, struct str *out)
{
	add_percent(out, lifetime_cpu(row));
}

static void get_cpu(const struct row *row, struct str *out)
{
	add_percent(out, rates_get(&row->rates, METRIC_CPU));
}

static void add_bytes(const struct row *row, enum metric m, struct str *out)
{
	char text[UNITS_TEXT];

	str_add(out, sample_has(&row->sample, m) ? units_bytes(text, row->sample.value[m]) : "-");
}

static void get_memory(const struct row *row, struct str *out)
{
	add_bytes(row, METRIC_MEMORY, out);
}

static void get_host_memory(const struct row *row, struct str *out)
{
	add_bytes(row, METRIC_MEMORY_HOST, out);
}

static void get_limit(const struct row *row, struct str *out)
{
	char text[UNITS_TEXT];

	str_add(out, row->w->memory_limit ? units_bytes(text, row->w->memory_limit) : "-");
}

static void add_rate(const struct row *row, enum metric m, struct str *out)
{
	double rate = rates_get(&row->rates, m);
	char text[UNITS_TEXT];

	str_add(out, isnan(rate) ? "-" : units_rate(text, rate));
}

static void get_rx(const struct row *row, struct str *out)
{
	add_rate(row, METRIC_NET_RX, out);
}

static void get_tx(const struct row *row, struct str *out)
{
	add_rate(row, METRIC_NET_TX, out);
}

static void get_read(const struct row *row, struct str *out)
{
	add_rate(row, METRIC_READ, out);
}

static void get_write(const struct row *row, struct str *out)
{
	add_rate(row, METRIC_WRITE, out);
}

static void get_pids(const struct row *row, struct str *out)
{
	if (sample_has(&row->sample, METRIC_PIDS))
		str_addf(out, "%llu", (unsigned long long)row->sample.value[METRIC_PIDS]);
	else
		str_add_char(out, '-');
}

static void get_up(const struct row *row, struct str *out)
{
	bool runs = workload_is_active(row->w);
	char text[UNITS_TEXT];

	str_add(out, runs && row->w->started ? units_age(text, clock_wall() - row->w->started) : "-");
}

static const struct column ls_columns[] = {
	{"NAME", false, get_name}, {"KIND", false, get_kind}, {"STATE", false, get_state}, {"CPU%", true, get_life_cpu},
	{"MEM", true, get_memory}, {"HOST MEM", true, get_host_memory}, {"UP", true, get_up}, {"IMAGE", false, get_image}, {0},
};

static const struct column stats_columns[] = {
	{"NAME", false, get_name}, {"CPU%", true, get_cpu}, {"MEM", true, get_memory}, {"HOST MEM", true, get_host_memory}, {"LIMIT", true, get_limit}, {"NET RX", true, get_rx},
	{"NET TX", true, get_tx},  {"READ", true, get_read}, {"WRITE", true, get_write}, {"PIDS", true, get_pids}, {0},
};

// Columns on a terminal.
static size_t width_of(const char *text)
{
	size_t width = 0, left = strlen(text);

	while (left) {
		uint32_t cp = '?';
		size_t length = str_decode(text, left, &cp);
		int columns = wcwidth((wchar_t)cp);
		width += columns >= 0 ? (size_t)columns : 1;
		length = length ? length : 1;
		text += length;
		left -= length;
	}
	return width;
}

// How many bytes of TEXT fit into WIDTH columns.
static size_t fitting(const char *text, size_t width)
{
	size_t n = 0;

	for (size_t left = strlen(text); n < left;) {
		uint32_t cp = '?';
		size_t length = str_decode(text + n, left - n, &cp);
		int columns = wcwidth((wchar_t)cp);
		if ((columns >= 0 ? (size_t)columns : 1) > width)
			break;
		width -= columns >= 0 ? (size_t)columns : 1;
		n += length ? length : 1;
	}
	return n;
}

// The terminal's columns, 0 when the output is none or it is too narrow to be told the truth.
static size_t edge(void)
{
	struct winsize size;

	return isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 20 ? size.ws_col : 0;
}

// TEXT in at most WIDTH columns, with a sign where it is cut.
static char *cut_text(const char *text, size_t width)
{
	bool cut = width_of(text) > width;

	return mem_printf("%.*s%s", (int)fitting(text, cut ? width - 1 : width), text, !cut ? "" : cli_ascii(STDOUT_FILENO) ? "~" : "…");
}

// On a terminal a table's lines are cut at its edge; a pipe gets all.
static void cut_at_edge(struct str *out, size_t columns)
{
	auto_strv lines = {0};

	strv_split(&lines, str_text(out), "\n");
	str_clear(out);
	for (size_t i = 0; i < lines.count; i++) {
		auto_free char *line = cut_text(lines.items[i], columns);

		str_addf(out, "%s\n", line);
	}
}

static void add_cell(struct str *out, const char *text, size_t width, bool right, bool last)
{
	auto_free char *cut = cut_text(text, width);
	size_t pad = width - width_of(cut);

	if (right)
		str_addf(out, "%*s", (int)pad, "");
	str_add(out, cut);
	if (!right && !last)
		str_addf(out, "%*s", (int)pad, "");
	str_add(out, last ? "\n" : "  ");
}

// A long name gives way to the figures beside it, and keeps what a name needs. The last column goes over the edge before.
static void narrow_name(size_t *widths, size_t count, size_t columns)
{
	enum { LEAST = 16, LAST = 10 };
	size_t others = 0;

	for (size_t i = 1; i < count; i++)
		others += 2 + (i + 1 == count && widths[i] > LAST ? LAST : widths[i]);
	size_t room = columns > others + LEAST ? columns - others : LEAST;
	widths[0] = widths[0] < room ? widths[0] : room;
}

static void add_table(struct str *out, const struct column *columns, const struct rows *rows)
{
	size_t count = 0, room = edge();
	bool ascii = cli_ascii(STDOUT_FILENO);

	while (columns[count].title)
		count++;
	auto_strv cells = {0};
	auto_free size_t *widths = mem_array(count, sizeof(*widths));
	for (size_t i = 0; i < count; i++)
		widths[i] = strlen(columns[i].title);
	for (size_t i = 0; i < rows->count * count; i++) {
		auto_str text = {0}, spelled = {0};

		columns[i % count].get(&rows->items[i / count], &text);
		if (ascii)
			str_add_ascii(&spelled, str_text(&text), text.length);
		struct str *shown = ascii ? &spelled : &text;
		size_t width = width_of(str_text(shown));
		widths[i % count] = width > widths[i % count] ? width : widths[i % count];
		strv_take(&cells, str_steal(shown));
	}
	if (room)
		narrow_name(widths, count, room);
	for (size_t i = 0; i < count; i++)
		add_cell(out, columns[i].title, widths[i], columns[i].right, i + 1 == count);
	for (size_t i = 0; i < cells.count; i++)
		add_cell(out, cells.items[i], widths[i % count], columns[i % count].right, i % count + 1 == count);
	if (room)
		cut_at_edge(out, room);
}

static int by_name(const void *a, const void *b)
{
	const struct row *x = a, *y = b;
	int order = str_natural_compare(x->w->name, y->w->name);

	return order ? order : strcmp(x->w->id, y->w->id);
}

static void set_sample(struct rows *rows, const struct sample_set *set)
{
	for (size_t i = 0, at = 0; i < set->count; i++)
		for (size_t tried = 0; tried < rows->count; tried++, at++) { // both are in about the same order
			struct row *row = &rows->items[at % rows->count];

			if (strcmp(row->w->id, set->rows[i].id) != 0)
				continue;
			rates_make(&row->rates, &row->sample, &set->rows[i].sample);
			row->sample = set->rows[i].sample;
			break;
		}
}

// The workloads of IDS (NULL or none: all), in the inventory's order.
static void choose(struct rows *rows, const struct inventory *inv, const struct strv *ids)
{
	rows->items = mem_array(inventory_count(inv) + 1, sizeof(*rows->items));
	for (size_t i = 0; i < inventory_count(inv); i++) {
		const struct workload *w = inventory_at(inv, i);
		bool wanted = !ids || !ids->count;

		for (size_t j = 0; ids && j < ids->count; j++)
			wanted |= strcmp(ids->items[j], w->id) == 0;
		if (wanted)
			rows->items[rows->count++] = (struct row){.w = w};
	}
}

// Leaves the rows that Q matches. One look gives no rates, but CPU of the whole life.
static void filter(struct rows *rows, const struct query *q)
{
	size_t kept = 0;

	for (size_t i = 0; i < rows->count; i++) {
		struct row *row = &rows->items[i];
		double cpu = lifetime_cpu(row);
		if (!isnan(cpu)) {
			row->rates.value[METRIC_CPU] = cpu;
			row->rates.have |= 1u << METRIC_CPU;
		}
		if (query_matches(q, row->w, &row->rates, clock_wall()))
			rows->items[kept++] = *row;
	}
	rows->count = kept;
}

static void add_formatted(struct str *out, const struct format *f, const struct rows *rows)
{
	for (size_t i = 0; i < rows->count; i++)
		format_add(f, out, rows->items[i].w, &rows->items[i].sample, &rows->items[i].rates);
}

static void warn_trouble(const struct str *trouble)
{
	auto_strv lines = {0};

	strv_split(&lines, str_text(trouble), "\n");
	for (size_t i = 0; i < lines.count; i++)
		cli_warn("%s", lines.items[i]);
}

static void add_rows_json(struct str *out, const struct rows *rows)
{
	json_t *array = json_array();

	for (size_t i = 0; i < rows->count; i++)
		json_array_append_new(array, row_to_json(rows->items[i].w, &rows->items[i].sample));
	cli_add_json(out, array, JSON_INDENT(2));
	json_decref(array);
}

static void add_ids(struct str *out, const struct rows *rows)
{
	for (size_t i = 0; i < rows->count; i++)
		str_add_visible(out, rows->items[i].w->id, strlen(rows->items[i].w->id)), str_add_char(out, '\n');
}

static int list(struct cli *c, struct session *s, const struct query *q, const struct format *f)
{
	struct rows rows = {0};
	struct sample_set set = {0};
	auto_str trouble = {0};
	auto_str out = {0};
	struct err e = {0};

	int r = session_list(s, &trouble, &e);
	if (r < 0)
		return cli_error(&e);
	warn_trouble(&trouble);
	if (query_asks_for(q, KIND_GUEST))
		warn_trouble(session_absent(s));
	choose(&rows, session_inventory(s), NULL);
	if (session_sample(s, 0, &set, &e) == 0)
		set_sample(&rows, &set);
	filter(&rows, q);
	qsort(rows.items, rows.count, sizeof(*rows.items), by_name);
	if (c->json)
		add_rows_json(&out, &rows);
	else if (f)
		add_formatted(&out, f, &rows);
	else if (c->quiet)
		add_ids(&out, &rows);
	else
		add_table(&out, ls_columns, &rows);
	sample_set_done(&set);
	free(rows.items);
	return cli_print(&out);
}

int verb_ls(struct cli *c, int count, char **operands)
{
	struct session *s = NULL;
	struct query *q = NULL;
	auto_str text = {0};
	struct err e = {0};

	for (int i = 0; i < count; i++)
		str_addf(&text, "%s%s", i ? " " : "", operands[i]);
	if (query_new(&q, str_text(&text), &e) < 0)
		return cli_fail(EXIT_USAGE, "%s", e.text);
	struct format *f = NULL;
	int status = c->format && format_new(&f, c->format, &e) < 0 ? cli_fail(EXIT_USAGE, "%s", e.text) : EXIT_OK;

	if (status == EXIT_OK)
		status = session_open(&s, c, &e) < 0 ? cli_error(&e) : list(c, s, q, f);
	session_close(s);
	format_free(f);
	query_free(q);
	return status;
}

static void add_rates_json(struct str *out, const struct row *row)
{
	json_t *object = json_object();

	json_object_set_new(object, "id", json_string(row->w->id));
	json_object_set_new(object, "name", json_string(row->w->name));
	for (enum metric m = 0; m < METRICS; m++)
		if (rates_has(&row->rates, m))
			json_object_set_new(object, metric_info(m)->name, json_real(row->rates.value[m]));
	cli_add_json(out, object, JSON_COMPACT);
	json_decref(object);
}

static void add_stats(struct str *out, const struct cli *c, const struct format *f, const struct rows *rows)
{
	struct rows running = {mem_array(rows->count + 1, sizeof(struct row)), 0};

	for (size_t i = 0; i < rows->count; i++)
		if (rows->items[i].rates.have)
			running.items[running.count++] = rows->items[i];
	qsort(running.items, running.count, sizeof(*running.items), by_name);
	for (size_t i = 0; c->json && i < running.count; i++)
		add_rates_json(out, &running.items[i]);
	if (f && !c->json)
		add_formatted(out, f, &running);
	else if (!c->json)
		add_table(out, stats_columns, &running);
	free(running.items);
}

// How often to measure (0: without end), and over which time in ns.
struct pace {
	int64_t times, interval;
};

static int measure(const struct cli *c, const struct format *f, struct session *s, struct rows *rows, const struct pace *pace)
{
	int status = EXIT_OK;
	struct err e = {0};

	for (int64_t i = 0; status == EXIT_OK && (pace->times == 0 || i <= pace->times); i++) {
		struct sample_set set = {0};
		auto_str out = {0};

		if (session_sample(s, i ? pace->interval : 0, &set, &e) < 0)
			status = cli_error(&e);
		set_sample(rows, &set);
		if (i && status == EXIT_OK) {
			add_stats(&out, c, f, rows);
			status = cli_print(&out);
		}
		sample_set_done(&set);
	}
	return status;
}

static int stats(const struct cli *c, const struct format *f, struct session *s, int count, char **operands, const struct pace *pace)
{
	struct rows rows = {0};
	auto_str trouble = {0};
	auto_strv ids = {0};
	struct err e = {0};

	if (session_list(s, &trouble, &e) < 0)
		return cli_error(&e);
	warn_trouble(&trouble);
	for (int i = 0; i < count; i++) {
		const struct workload *w = session_find(s, operands[i], &trouble, &e);

		if (!w)
			return cli_not_found(&e);
		strv_add(&ids, w->id);
	}
	choose(&rows, session_inventory(s), &ids);
	int status = measure(c, f, s, &rows, pace);
	free(rows.items);
	return status;
}

int verb_stats(struct cli *c, int count, char **operands)
{
	struct session *s = NULL;
	struct err e = {0};
	struct pace pace = {.times = c->follow ? 0 : 1, .interval = SECOND};

	if (c->interval && (units_parse_duration(c->interval, &pace.interval) < 0 || pace.interval < 50000000))
		return cli_fail(EXIT_USAGE, "invalid interval '%s' (50ms or more, for example 2s)", c->interval);
	if (c->count && (str_to_i64(c->count, &pace.times) < 0 || pace.times < 1))
		return cli_fail(EXIT_USAGE, "invalid count '%s' (1 or more)", c->count);
	struct format *f = NULL;
	if (c->format && format_new(&f, c->format, &e) < 0)
		return cli_fail(EXIT_USAGE, "%s", e.text);
	int status = session_open(&s, c, &e) < 0 ? cli_error(&e) : stats(c, f, s, count, operands, &pace);
	session_close(s);
	format_free(f);
	return status;
}
