// `hostel diff`: lists changes of a container.
#include <string.h>

#include "base/mem.h"
#include "cli.h"
#include "client.h"

static const struct {
	char letter;
	const char *key;
} changes[] = {{'A', "added"}, {'C', "changed"}, {'D', "deleted"}};

// Converts the lines to an object of lists.
static json_t *lines_to_json(const char *text)
{
	json_t *object = cli_json_object();
	auto_strv lines = {0};

	strv_split(&lines, text, "\n");
	for (size_t i = 0; i < ARRAY_SIZE(changes); i++) {
		json_t *list = json_array();
		for (size_t n = 0; n < lines.count; n++)
			if (lines.items[n][0] == changes[i].letter)
				json_array_append_new(list, json_string(lines.items[n] + 2));
		json_object_set_new(object, changes[i].key, list);
	}
	return object;
}

static int print_changes(const struct cli *c, const struct str *text)
{
	auto_str out = {0};

	if (!c->json && !str_equal(params_get(&c->params, PARAM_FORMAT), "json"))
		return cli_print(text);
	json_t *object = lines_to_json(str_text(text));
	cli_add_json(&out, object, JSON_INDENT(2));
	json_decref(object);
	return cli_print(&out);
}

int verb_diff(struct cli *c, int count, char **operands)
{
	struct client *s = NULL;
	auto_free char *id = NULL;
	auto_str text = {0};
	struct err e = {0};
	int status = client_find_one(c, &s, operands[0], &id);

	(void)count;
	if (status == EXIT_OK)
		status = client_read(s, id, DOCUMENT_CHANGES, &text, &e) < 0 ? cli_error(&e) : print_changes(c, &text);
	client_close(s);
	return status;
}
