// `hostel image history`: how an image was built.
#include <string.h>

#include "base/mem.h"
#include "base/units.h"
#include "cli.h"
#include "client.h"

// A line of the table, with the bytes as a size: CREATED, BYTES, CREATED BY, COMMENT.
static void add_line(struct str *out, const char *line)
{
	char size[UNITS_TEXT];
	auto_strv cells = {0};
	uint64_t bytes;

	strv_split(&cells, line, "\t");
	if (cells.count < 4)
		return;
	bool header = str_to_u64(cells.items[1], &bytes) < 0, comment = strcmp(cells.items[3], "-") != 0;
	str_addf(out, "%-20s %8s  ", cells.items[0], header ? "SIZE" : units_bytes(size, bytes));
	str_add_visible(out, cells.items[2], strlen(cells.items[2]));
	if (comment && !header) {
		str_add(out, "  # ");
		str_add_visible(out, cells.items[3], strlen(cells.items[3]));
	}
	str_add_char(out, '\n');
}

int verb_history(struct cli *c, int count, char **operands)
{
	struct client *s = NULL;
	auto_str trouble = {0}, table = {0};
	struct err e = {0};
	const struct item *item = NULL;

	(void)count;
	if (client_open(&s, c, 1u << KIND_IMAGE, &e) < 0 || client_list(s, &trouble, &e) < 0) {
		client_close(s);
		return cli_error(&e);
	}
	item = client_find_item(s, operands[0], &trouble, &e);
	int status = EXIT_OK;
	if (!item)
		status = cli_not_found(&e);
	else if (client_read(s, item->id, DOCUMENT_EVENTS, &table, &e) < 0)
		status = cli_error(&e);
	else
		status = cli_print_table(c, &table, add_line, table_to_json);
	client_close(s);
	return status;
}
