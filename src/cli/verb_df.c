// `hostel df`: the space that images, containers and volumes take.
#include <string.h>

#include "base/mem.h"
#include "base/units.h"
#include "cli.h"
#include "client.h"

// The columns of the engines' tables; the first is text.
static const struct {
	const char *title, *key;
	bool bytes;
} columns[] = {{"TYPE", "type", false}, {"COUNT", "count", false}, {"IN USE", "used", false},
               {"SIZE", "bytes", true}, {"RECLAIMABLE", "reclaimable", true}};

static void add_line(struct str *out, const struct strv *cells)
{
	char size[UNITS_TEXT];
	uint64_t number;

	str_addf(out, "%-12s", cells->items[0]);
	for (size_t i = 1; i < ARRAY_SIZE(columns); i++)
		if (str_to_u64(cells->items[i], &number) == 0)
			str_addf(out, "%12s", columns[i].bytes ? units_bytes(size, number) : cells->items[i]);
	str_add_char(out, '\n');
}

static void add_object(json_t *list, const struct strv *cells)
{
	json_t *object = json_pack("{s:s}", columns[0].key, cells->items[0]);
	uint64_t number;

	for (size_t i = 1; i < ARRAY_SIZE(columns); i++)
		if (str_to_u64(cells->items[i], &number) == 0)
			json_object_set_new(object, columns[i].key, json_integer((json_int_t)number));
	json_array_append_new(list, object);
}

// Each table has a header, which is skipped.
static void add_row(const struct cli *c, const char *line, struct str *out, json_t *list)
{
	auto_strv cells = {0};
	uint64_t number;

	strv_split(&cells, line, "\t");
	if (cells.count != ARRAY_SIZE(columns) || str_to_u64(cells.items[1], &number) < 0)
		return;
	if (c->json)
		add_object(list, &cells);
	else
		add_line(out, &cells);
}

static int print_tables(const struct cli *c, const struct str *tables)
{
	auto_strv lines = {0};
	auto_str out = {0};
	json_t *list = json_array();

	strv_split(&lines, str_text(tables), "\n");
	for (size_t i = 0; i < ARRAY_SIZE(columns) && !c->json; i++)
		str_addf(&out, i ? "%12s" : "%-12s", columns[i].title);
	if (!c->json)
		str_add_char(&out, '\n');
	for (size_t i = 0; i < lines.count; i++)
		add_row(c, lines.items[i], &out, list);
	if (c->json)
		cli_add_json(&out, list, JSON_INDENT(2));
	json_decref(list);
	return cli_print(&out);
}

static int read_table(struct client *s, enum kind kind, struct str *tables)
{
	auto_free char *all = client_all_of(s, kind);
	auto_str table = {0};
	struct err e = {0};

	if (!all)
		return EXIT_FAILED;
	if (client_read(s, all, DOCUMENT_SPACE, &table, &e) < 0)
		return cli_error(&e);
	str_add(tables, str_text(&table));
	return EXIT_OK;
}

int verb_df(struct cli *c, int count, char **operands)
{
	struct client *s = NULL;
	struct err e = {0};
	auto_str tables = {0};
	unsigned kinds = c->noun < 0 ? c->info->kinds : 1u << c->kind;

	(void)count, (void)operands;
	int status = client_open(&s, c, kinds, &e) < 0 ? cli_error(&e) : EXIT_OK;
	for (enum kind kind = 0; kind < KINDS && status == EXIT_OK; kind++)
		if (kinds >> kind & 1)
			status = read_table(s, kind, &tables);
	client_close(s);
	return status == EXIT_OK ? print_tables(c, &tables) : status;
}
