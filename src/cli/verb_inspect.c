// `hostel inspect`: all details of workloads, as text or JSON.
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "cli.h"
#include "format.h"
#include "client.h"

// Appends lines with control characters escaped, to protect the terminal.
static void make_harmless(struct str *text)
{
	auto_str out = {0};

	str_add_lines(&out, str_text(text), text->length);
	str_clear(text);
	str_add(text, str_text(&out));
}

static const struct sample *find_sample(const struct sample_set *set, const char *id)
{
	for (size_t i = 0; i < set->count; i++)
		if (strcmp(set->rows[i].id, id) == 0)
			return &set->rows[i].sample;
	return NULL;
}

json_t *row_to_json(const struct item *item, const struct sample *s)
{
	const struct fact_binding *bindings = kind_bindings(item->kind);
	json_t *object = cli_json_object(), *facts = item_to_json(item, NAMES_NOW), *figures = json_object();

	json_object_update(object, facts);
	json_decref(facts);
	for (enum fact fact = 0; s && fact < FACTS; fact++)
		if (fact_is_measured(&bindings[fact]) && sample_has(s, bindings[fact].metric))
			json_object_set_new(figures, fact_info(fact)->name,
			                    json_integer((json_int_t)s->value[bindings[fact].metric]));
	if (json_object_size(figures))
		json_object_set(object, "sample", figures);
	json_decref(figures);
	return object;
}

// Converts a tab-separated table with a header line to an array of objects with lower-case keys.
json_t *table_to_json(const char *text)
{
	json_t *array = json_array();
	auto_strv lines = {0}, titles = {0};

	strv_split(&lines, text, "\n");
	strv_split(&titles, lines.count ? lines.items[0] : "", "\t");
	for (size_t i = 0; i < titles.count; i++)
		for (char *c = titles.items[i]; *c; c++)
			*c = *c >= 'A' && *c <= 'Z' ? (char)(*c + ('a' - 'A')) : *c;
	for (size_t i = 1; i < lines.count; i++) {
		auto_strv cells = {0};
		json_t *object = json_object();
		strv_split(&cells, lines.items[i], "\t");
		for (size_t j = 0; j < cells.count && j < titles.count; j++)
			json_object_set_new(object, titles.items[j], json_string(cells.items[j]));
		json_array_append_new(array, object);
	}
	return array;
}

// Adds the configuration of the item W, which is JSON, to OBJECT, for a kind that is not a workload.
static json_t *with_config(struct client *s, const struct item *w, json_t *object)
{
	auto_str text = {0};
	struct err ignored;
	json_t *config = client_read(s, w->id, DOCUMENT_CONFIG, &text, &ignored) == 0
	                     ? json_loads(str_text(&text), 0, NULL)
	                     : NULL;

	json_object_update_missing(object, config);
	json_decref(config);
	return object;
}

// The requested document of one workload as a JSON value. NULL with E set on failure.
static json_t *value_of(const struct cli *c, struct client *s, const struct item *w, const struct sample *sample,
                        struct err *e)
{
	auto_str text = {0};
	json_error_t error;

	if (!cli_has(c, PARAM_CONFIG) && !cli_has(c, PARAM_PROCESSES) && !kind_is_workload(w->kind))
		return with_config(s, w, row_to_json(w, sample));
	if (!cli_has(c, PARAM_CONFIG) && !cli_has(c, PARAM_PROCESSES)) {
		json_t *object = row_to_json(w, sample);
		if (client_read(s, w->id, DOCUMENT_EVENTS, &text, e) == 0 && text.length)
			json_object_set_new(object, "events", table_to_json(str_text(&text)));
		return object;
	}
	if (client_read(s, w->id, cli_has(c, PARAM_CONFIG) ? DOCUMENT_CONFIG : DOCUMENT_PROCESSES, &text, e) < 0)
		return NULL;
	if (cli_has(c, PARAM_PROCESSES))
		return table_to_json(str_text(&text));
	json_t *config = json_loads(str_text(&text), 0, &error);
	return config ? config : json_string(str_text(&text)); // a guest's is XML
}

static int add_document(const struct cli *c, struct client *s, const struct item *w, struct str *out,
                        struct err *e)
{
	enum document what = cli_has(c, PARAM_CONFIG)      ? DOCUMENT_CONFIG
	                     : cli_has(c, PARAM_PROCESSES) ? DOCUMENT_PROCESSES
	                                                   : DOCUMENT_DETAILS;
	auto_str text = {0};
	int r = client_read(s, w->id, what, &text, e);

	if (r < 0)
		return r;
	if (!cli_has(c, PARAM_CONFIG) || isatty(STDOUT_FILENO)) // a pipe gets the configuration unchanged
		make_harmless(&text);
	str_addf(out, "%s%s", out->length && !cli_has(c, PARAM_CONFIG) ? "\n" : "", str_text(&text));
	return 0;
}

static int inspect_one(const struct cli *c, struct client *s, const struct format *f, const struct item *w,
                       const struct sample_set *set, struct str *out, json_t *values)
{
	const struct sample *sample = find_sample(set, w->id);
	struct err e = {0};

	if (f) {
		format_add(f, out, &(struct fact_source){w, sample, NULL, clock_wall()});
		return EXIT_OK;
	}
	if (!c->json)
		return add_document(c, s, w, out, &e) < 0 ? cli_error(&e) : EXIT_OK;
	json_t *value = value_of(c, s, w, sample, &e);
	return value && json_array_append_new(values, value) == 0 ? EXIT_OK : cli_error(&e);
}

// A single value is printed as is, several as an array.
static void add_values(struct str *out, json_t *values, int wanted)
{
	json_t *value = wanted == 1 ? json_array_get(values, 0) : values;

	if (value)
		cli_add_json(out, value, JSON_INDENT(2));
	json_decref(values);
}

static int inspect(const struct cli *c, struct client *s, const struct format *f, int count, char **operands)
{
	struct sample_set set = {0};
	auto_str trouble = {0};
	auto_str out = {0};
	json_t *values = json_array();
	struct err e = {0};
	int status = client_list(s, &trouble, &e) < 0 ? cli_error(&e) : EXIT_OK;

	if (status == EXIT_OK && (f || c->json))
		client_sample(s, 0, &set, &e);
	for (int i = 0; status != EXIT_FAILED && i < count; i++) {
		const struct item *w = client_find_item(s, operands[i], &trouble, &e);
		int each = w ? inspect_one(c, s, f, w, &set, &out, values) : cli_not_found(&e);
		status = each != EXIT_OK ? each : status;
	}
	if (c->json)
		add_values(&out, values, count);
	else
		json_decref(values);
	sample_set_done(&set);
	int printed = cli_print(&out);
	return status != EXIT_OK ? status : printed;
}

int verb_inspect(struct cli *c, int count, char **operands)
{
	struct client *s = NULL;
	struct format *f = NULL;
	struct err e = {0};

	const char *format = params_get(&c->params, PARAM_FORMAT);
	if (format && format_new(&f, format, &e) < 0)
		return cli_fail(EXIT_USAGE, "%s", e.text);
	int status = client_open(&s, c, client_kinds_of(c, count, operands), &e) < 0 ? cli_error(&e)
	                                                                          : inspect(c, s, f, count, operands);
	client_close(s);
	format_free(f);
	return status;
}

int verb_top(struct cli *c, int count, char **operands)
{
	cli_set_verb(c, VERB_INSPECT);
	params_set(&c->params, PARAM_PROCESSES, "yes");
	return verb_inspect(c, count, operands);
}
