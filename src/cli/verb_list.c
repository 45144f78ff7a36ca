// `hostel ls` and `hostel stats`: list workloads and their figures, as a table or JSON.
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
#include "client.h"

struct row {
	const struct item *item;
	struct sample sample; // the newest; have 0: none
	struct rates rates;   // between the last two
};

struct rows {
	struct row *items;
	size_t count;
};

static struct fact_source source_of(const struct row *row)
{
	return (struct fact_source){row->item, &row->sample, row->rates.have ? &row->rates : NULL, clock_wall()};
}

static const enum fact stats_columns[] = {FACT_NAME, FACT_CPU, FACT_MEMORY, FACT_HOST_RSS, FACT_MEMORY_LIMIT,
                                          FACT_NET_RX, FACT_NET_TX, FACT_READ, FACT_WRITE, FACT_PIDS};

static void add_cell_text(struct str *out, enum fact fact, const struct row *row)
{
	struct fact_source from = source_of(row);

	const struct workload *w = workload_of(row->item);

	if (fact == FACT_STATE && w)
		workload_add_state(out, w);
	else if (fact_info(fact)->flags & FACT_RUNNING && w && !workload_is_active(w))
		str_add_char(out, '-');
	else
		fact_add_cell(out, fact, &from);
}

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

// The terminal's width, or 0 if the output is not a terminal or is too narrow for a cut table.
static size_t edge(void)
{
	struct winsize size;

	return isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 20 ? size.ws_col
	                                                                                                  : 0;
}

// Appends TEXT in at most WIDTH columns, with "…" if it is cut.
static char *cut_text(const char *text, size_t width)
{
	bool cut = width_of(text) > width;

	return mem_printf("%.*s%s", (int)fitting(text, cut ? width - 1 : width), text,
	                  !cut                       ? ""
	                  : cli_ascii(STDOUT_FILENO) ? "~"
	                                             : "…");
}

// On a terminal lines are cut at its width; a pipe gets all.
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

// A long name is cut, down to a minimum, to make room for the figures. The last column is cut first.
static void narrow_name(size_t *widths, size_t count, size_t columns)
{
	enum { LEAST = 16, LAST = 10 };
	size_t others = 0;

	for (size_t i = 1; i < count; i++)
		others += 2 + (i + 1 == count && widths[i] > LAST ? LAST : widths[i]);
	size_t room = columns > others + LEAST ? columns - others : LEAST;
	widths[0] = widths[0] < room ? widths[0] : room;
}

static void add_table(struct str *out, const enum fact *columns, size_t count, const struct rows *rows)
{
	size_t room = edge();
	bool ascii = cli_ascii(STDOUT_FILENO);
	auto_strv cells = {0};
	auto_free size_t *widths = mem_array(count, sizeof(*widths));

	for (size_t i = 0; i < (rows->count + 1) * count; i++) {
		auto_str text = {0}, spelled = {0};

		if (i < count)
			str_add(&text, fact_info(columns[i])->title);
		else
			add_cell_text(&text, columns[i % count], &rows->items[i / count - 1]);
		if (ascii)
			str_add_ascii(&spelled, str_text(&text), text.length);
		struct str *shown = ascii ? &spelled : &text;
		size_t width = width_of(str_text(shown));
		widths[i % count] = width > widths[i % count] ? width : widths[i % count];
		strv_take(&cells, str_steal(shown));
	}
	if (room)
		narrow_name(widths, count, room);
	for (size_t i = 0; i < cells.count; i++)
		add_cell(out, cells.items[i], widths[i % count], fact_is_number(columns[i % count]), i % count + 1 == count);
	if (room)
		cut_at_edge(out, room);
}

static int by_name(const void *a, const void *b)
{
	const struct row *x = a, *y = b;
	int order = str_natural_compare(x->item->name, y->item->name);

	return order ? order : strcmp(x->item->id, y->item->id);
}

static void set_sample(struct rows *rows, const struct sample_set *set)
{
	for (size_t i = 0, at = 0; i < set->count; i++)
		for (size_t tried = 0; tried < rows->count; tried++, at++) { // both lists are in about the same order
			struct row *row = &rows->items[at % rows->count];

			if (strcmp(row->item->id, set->rows[i].id) != 0)
				continue;
			if (row->sample.have)
				rates_make(&row->rates, &row->sample, &set->rows[i].sample);
			row->sample = set->rows[i].sample;
			break;
		}
}

// --- what is wanted

// Figures from which problems are derived must be measured.
static void add_signs_of_trouble(struct fact_set *facts)
{
	for (enum fact fact = 0; fact < FACTS; fact++)
		if (kind_metrics(KIND_CONTAINER, fact) & METRICS_OF_TROUBLE)
			fact_set_add(facts, fact);
}

static void add_columns(struct fact_set *facts, const enum fact *columns, size_t count)
{
	for (size_t i = 0; i < count; i++)
		fact_set_add(facts, columns[i]);
}

// The facts that `ls` shows and that its filter looks at.
static void facts_of_list(const struct cli *c, const struct query *q, const struct format *f, struct fact_set *facts)
{
	enum kind kind = c->noun < 0 ? KIND_CONTAINER : (enum kind)c->noun;

	query_add_facts(q, facts);
	if (c->json)
		fact_set_add_all(facts);
	else if (f)
		format_add_facts(f, facts);
	else if (!cli_has(c, PARAM_QUIET))
		add_columns(facts, kind_info(kind)->columns, kind_columns(kind));
	if (fact_set_has(facts, FACT_PROBLEM))
		add_signs_of_trouble(facts);
}

// Those of `stats`, which measures workloads that have a CPU rate.
static void facts_of_stats(const struct cli *c, const struct format *f, struct fact_set *facts)
{
	fact_set_add(facts, FACT_CPU);
	if (c->json)
		fact_set_add_all(facts);
	else if (f)
		format_add_facts(f, facts);
	else
		add_columns(facts, stats_columns, ARRAY_SIZE(stats_columns));
	if (fact_set_has(facts, FACT_PROBLEM))
		add_signs_of_trouble(facts);
}

// Whether any of FACTS is measured of a kind that NOUN means (negative: workloads).
static bool are_measured(const struct fact_set *facts, int noun)
{
	uint32_t metrics = 0;

	for (enum fact fact = 0; fact < FACTS; fact++)
		if (fact_set_has(facts, fact))
			metrics |= kind_metrics(noun < 0 ? KIND_CONTAINER : (enum kind)noun, fact);
	return metrics != 0;
}

// Whether ITEM is of the kind NOUN (negative: a workload).
static bool is_of(const struct item *item, int noun)
{
	return noun < 0 ? kind_is_workload(item->kind) : (int)item->kind == noun;
}

// The items of the kind NOUN with IDS (NULL or none: all), in the inventory's order.
static void choose(struct rows *rows, const struct inventory *inv, int noun, const struct strv *ids)
{
	rows->items = mem_array(inventory_item_count(inv) + 1, sizeof(*rows->items));
	for (size_t i = 0; i < inventory_item_count(inv); i++) {
		const struct item *item = inventory_item_at(inv, i);
		bool wanted = !ids || !ids->count;

		for (size_t j = 0; ids && j < ids->count; j++)
			wanted |= strcmp(ids->items[j], item->id) == 0;
		if (wanted && is_of(item, noun))
			rows->items[rows->count++] = (struct row){.item = item};
	}
}

static void filter(struct rows *rows, const struct query *q)
{
	size_t kept = 0;

	for (size_t i = 0; i < rows->count; i++) {
		struct fact_source from = source_of(&rows->items[i]);

		if (query_matches(q, &from))
			rows->items[kept++] = rows->items[i];
	}
	rows->count = kept;
}

static void add_formatted(struct str *out, const struct format *f, const struct rows *rows)
{
	for (size_t i = 0; i < rows->count; i++) {
		struct fact_source from = source_of(&rows->items[i]);

		format_add(f, out, &from);
	}
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
		json_array_append_new(array, row_to_json(rows->items[i].item, &rows->items[i].sample));
	cli_add_json(out, array, JSON_INDENT(2));
	json_decref(array);
}

static void add_ids(struct str *out, const struct rows *rows)
{
	for (size_t i = 0; i < rows->count; i++)
		str_add_visible(out, rows->items[i].item->id, strlen(rows->items[i].item->id)), str_add_char(out, '\n');
}

static int list(struct cli *c, struct client *s, const struct query *q, const struct format *f,
                const struct fact_set *facts)
{
	struct rows rows = {0};
	struct sample_set set = {0};
	auto_str trouble = {0};
	auto_str out = {0};
	struct err e = {0};
	enum kind kind = c->noun < 0 ? KIND_CONTAINER : (enum kind)c->noun;

	int r = client_list(s, &trouble, &e);
	if (r < 0)
		return cli_error(&e);
	warn_trouble(&trouble);
	if (query_asks_for(q, KIND_GUEST))
		warn_trouble(client_absent(s));
	choose(&rows, client_inventory(s), c->noun, NULL);
	if (are_measured(facts, c->noun) && client_sample(s, 0, &set, &e) == 0)
		set_sample(&rows, &set);
	filter(&rows, q);
	qsort(rows.items, rows.count, sizeof(*rows.items), by_name);
	if (c->json)
		add_rows_json(&out, &rows);
	else if (f)
		add_formatted(&out, f, &rows);
	else if (cli_has(c, PARAM_QUIET))
		add_ids(&out, &rows);
	else
		add_table(&out, kind_info(kind)->columns, kind_columns(kind), &rows);
	sample_set_done(&set);
	free(rows.items);
	return cli_print(&out);
}

// A filter for one kind that is not a workload's acts like a noun: "ls kind:image" is "image ls".
static void noun_from_filter(struct cli *c, const struct query *q)
{
	unsigned kinds = query_kinds(q);

	for (int kind = WORKLOAD_KINDS; c->noun < 0 && kind < KINDS; kind++)
		if (kinds == 1u << kind)
			c->noun = (int)(c->kind = (enum kind)kind);
}

// Without a term that names other kinds, `ls` is about workloads.
static unsigned kinds_of_filter(const struct query *q)
{
	unsigned kinds = query_kinds(q), workloads = kinds & KIND_BIT_ANY;

	return workloads ? workloads : kinds;
}

int verb_ls(struct cli *c, int count, char **operands)
{
	struct client *s = NULL;
	struct query *q = NULL;
	auto_str text = {0};
	struct err e = {0};

	for (int i = 0; i < count; i++)
		str_addf(&text, "%s%s", i ? " " : "", operands[i]);
	if (query_new(&q, str_text(&text), &e) < 0)
		return cli_fail(EXIT_USAGE, "%s", e.text);
	noun_from_filter(c, q);
	struct format *f = NULL;
	const char *format = params_get(&c->params, PARAM_FORMAT);
	int status = format && format_new(&f, format, &e) < 0 ? cli_fail(EXIT_USAGE, "%s", e.text) : EXIT_OK;

	unsigned kinds = c->noun < 0 ? kinds_of_filter(q) : CLIENT_ALL_KINDS;
	struct fact_set facts = {0};
	facts_of_list(c, q, f, &facts);
	if (status == EXIT_OK)
		status = client_open_for(&s, c, kinds, &facts, &e) < 0 ? cli_error(&e) : list(c, s, q, f, &facts);
	client_close(s);
	format_free(f);
	query_free(q);
	return status;
}

static void add_rates_json(struct str *out, const struct row *row)
{
	json_t *object = cli_json_object();

	json_object_set_new(object, "id", json_string(row->item->id));
	json_object_set_new(object, "name", json_string(row->item->name));
	struct fact_source from = source_of(row);
	for (enum fact fact = 0; fact < FACTS; fact++)
		if (fact_is_measured(&workload_facts[fact]) && rates_has(&row->rates, workload_facts[fact].metric))
			json_object_set_new(object, fact_info(fact)->name, json_real(fact_number(fact, &from)));
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
		add_table(out, stats_columns, ARRAY_SIZE(stats_columns), &running);
	free(running.items);
}

// Number of measurements (0: endless), and the interval in ns.
struct pace {
	int64_t times, interval;
};

static int measure(const struct cli *c, const struct format *f, struct client *s, struct rows *rows,
                   const struct pace *pace)
{
	int status = EXIT_OK;
	struct err e = {0};

	for (int64_t i = 0; status == EXIT_OK && (pace->times == 0 || i <= pace->times); i++) {
		struct sample_set set = {0};
		auto_str out = {0};

		if (client_sample(s, i ? pace->interval : 0, &set, &e) < 0)
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

static int stats(const struct cli *c, const struct format *f, struct client *s, int count, char **operands,
                 const struct pace *pace)
{
	struct rows rows = {0};
	auto_str trouble = {0};
	auto_strv ids = {0};
	struct err e = {0};

	if (client_list(s, &trouble, &e) < 0)
		return cli_error(&e);
	warn_trouble(&trouble);
	for (int i = 0; i < count; i++) {
		const struct workload *w = client_find(s, operands[i], &trouble, &e);

		if (!w)
			return cli_not_found(&e);
		strv_add(&ids, w->id);
	}
	struct fact_set facts = {0};
	facts_of_stats(c, f, &facts);
	client_measure_only(s, &ids, &facts);
	choose(&rows, client_inventory(s), -1, &ids);
	int status = measure(c, f, s, &rows, pace);
	free(rows.items);
	return status;
}

int verb_stats(struct cli *c, int count, char **operands)
{
	struct client *s = NULL;
	struct err e = {0};
	struct pace pace = {.times = cli_has(c, PARAM_FOLLOW) ? 0 : 1, .interval = SECOND};

	const char *interval = params_get(&c->params, PARAM_INTERVAL), *number = params_get(&c->params, PARAM_COUNT),
	           *format = params_get(&c->params, PARAM_FORMAT);

	if (interval && (units_parse_duration(interval, &pace.interval) < 0 || pace.interval < 50000000))
		return cli_fail(EXIT_USAGE, "invalid interval '%s' (50ms or more, for example 2s)", interval);
	if (number && (str_to_i64(number, &pace.times) < 0 || pace.times < 1))
		return cli_fail(EXIT_USAGE, "invalid count '%s' (1 or more)", number);
	struct format *f = NULL;
	if (format && format_new(&f, format, &e) < 0)
		return cli_fail(EXIT_USAGE, "%s", e.text);
	unsigned kinds = client_kinds_of(c, count, operands);
	int status = client_open_for(&s, c, kinds, &(struct fact_set){0}, &e) < 0
	                 ? cli_error(&e)
	                 : stats(c, f, s, count, operands, &pace);
	client_close(s);
	format_free(f);
	return status;
}
