// `hostel prune` and `hostel image prune`: show what nothing uses, ask, and remove it.
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/units.h"
#include "cli.h"
#include "client.h"

// What is looked for without a kind. Containers come last: what only they used is left for the next time, so that
// nothing is removed that was not shown.
static const enum kind all_kinds[] = {KIND_VOLUME, KIND_IMAGE, KIND_NETWORK, KIND_CONTAINER};

static bool is_meant(const struct cli *c, enum kind kind)
{
	return c->noun >= 0 ? kind == c->kind : kind != KIND_VOLUME || cli_has(c, PARAM_VOLUMES);
}

// Runs the verb of C for KIND. Without a kind on the command line, volumes with a name stay.
static int ask_engine(struct cli *c, struct client *s, enum kind kind, bool look, struct str *table)
{
	auto_free char *all = client_all_of(s, kind);
	auto_params p = {0};
	struct err e = {0};

	if (!all)
		return EXIT_FAILED;
	params_set(&p, PARAM_DRY_RUN, look ? "yes" : "no");
	params_set(&p, PARAM_ALL, cli_has(c, PARAM_ALL) && (c->noun >= 0 || kind != KIND_VOLUME) ? "yes" : "no");
	if (client_act(s, all, c->verb, &p, &e) < 0)
		return cli_error(&e);
	str_add(table, client_answer(s));
	return EXIT_OK;
}

// Appends the rows of PART, except its header and total, to TABLE, and adds to *SUM. The total of images is less than
// their sum, because they share layers.
static void add_rows(struct str *table, const char *part, enum kind kind, uint64_t *sum)
{
	auto_strv lines = {0};

	strv_split(&lines, part, "\n");
	for (size_t i = 1; i < lines.count; i++) {
		const char *bytes = strrchr(lines.items[i], '\t');
		bool total = str_starts(lines.items[i], "total\t");
		uint64_t number = 0;

		if (bytes && (total || kind != KIND_IMAGE) && str_to_u64(bytes + 1, &number) == 0)
			*sum += number;
		if (!total)
			str_addf(table, "%s\n", lines.items[i]);
	}
}

// *TABLE becomes the engine's answer: TYPE, NAME and BYTES, with a header; empty if there is nothing.
static int ask_engines(struct cli *c, struct client *s, bool look, struct str *table)
{
	int status = EXIT_OK;
	auto_str rows = {0};
	uint64_t sum = 0;

	if (c->noun >= 0)
		return ask_engine(c, s, c->kind, look, table);
	for (size_t i = 0; i < ARRAY_SIZE(all_kinds) && status == EXIT_OK; i++) {
		auto_str part = {0};

		if (is_meant(c, all_kinds[i]))
			status = ask_engine(c, s, all_kinds[i], look, &part);
		add_rows(&rows, str_text(&part), all_kinds[i], &sum);
	}
	if (rows.length)
		str_addf(table, "TYPE\tNAME\tBYTES\n%stotal\t\t%llu\n", str_text(&rows), (unsigned long long)sum);
	return status;
}

// One line of the table, aligned and with a unit.
static void add_line(struct str *out, const char *line)
{
	static const struct {
		const char *type, *words;
	} counted[] = {{"blobs", " not part of any image"}, {"layers", " unpacked, unused"}};
	char size[UNITS_TEXT];
	size_t type = strcspn(line, "\t"), name = line[type] ? strcspn(line + type + 1, "\t") : 0;
	uint64_t bytes;
	const char *words = "";

	if (!line[type] || !line[type + 1 + name] || str_to_u64(line + type + 2 + name, &bytes) < 0)
		return; // the header
	for (size_t i = 0; i < ARRAY_SIZE(counted); i++)
		if (strncmp(line, counted[i].type, type) == 0)
			words = counted[i].words;
	str_addf(out, "%-9.*s", (int)type, line);
	str_addf(out, "%8s  ", units_bytes(size, bytes));
	str_add_visible(out, line + type + 1, name);
	str_addf(out, "%s\n", words);
}

static json_t *table_of(const char *text)
{
	json_t *array = json_array();
	auto_strv lines = {0};

	strv_split(&lines, text, "\n");
	for (size_t i = 1; i < lines.count; i++) {
		const char *line = lines.items[i], *name = strchr(line, '\t'), *bytes = name ? strchr(name + 1, '\t') : NULL;
		uint64_t number = 0;

		if (bytes && str_to_u64(bytes + 1, &number) == 0)
			json_array_append_new(array, json_pack("{s:s%, s:s%, s:I}", "type", line, (size_t)(name - line), "name",
			                                       name + 1, (size_t)(bytes - name - 1), "bytes", (json_int_t)number));
	}
	return array;
}

static int print_table(const struct cli *c, const struct str *table)
{
	static char text[] = "nothing to remove\n";
	static const struct str nothing = {.text = text, .length = sizeof(text) - 1};

	return table->length || c->json ? cli_print_table(c, table, add_line, table_of) : cli_print(&nothing);
}

static bool is_confirmed(void)
{
	char answer[16] = "";

	fputs("Remove? [y/N] ", stderr);
	return fgets(answer, sizeof(answer), stdin) && (answer[0] == 'y' || answer[0] == 'Y');
}

static int show_and_ask(struct cli *c, struct client *s, bool ask, bool *confirmed)
{
	auto_str table = {0};
	int status = ask_engines(c, s, true, &table);

	if (status == EXIT_OK)
		status = print_table(c, &table);
	*confirmed = ask && status == EXIT_OK && table.length && is_confirmed();
	return status;
}

static int prune(struct cli *c, struct client *s)
{
	auto_str table = {0};
	bool confirmed = cli_has(c, PARAM_YES), look = cli_has(c, PARAM_DRY_RUN);
	int status = confirmed && !look ? EXIT_OK : show_and_ask(c, s, !look, &confirmed);

	if (status != EXIT_OK || look || !confirmed)
		return status;
	status = ask_engines(c, s, false, &table);
	return status != EXIT_OK || !cli_has(c, PARAM_YES) ? status : print_table(c, &table);
}

int verb_prune(struct cli *c, int count, char **operands)
{
	struct client *s = NULL;
	struct err e = {0};
	bool asks = !cli_has(c, PARAM_YES) && !cli_has(c, PARAM_DRY_RUN);

	(void)count, (void)operands;
	if (c->noun >= 0 && cli_has(c, PARAM_VOLUMES))
		return cli_fail(EXIT_USAGE, "--" PARAM_VOLUMES " is for 'prune' without a kind");
	if (asks && (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO)))
		return cli_fail(EXIT_USAGE, "'prune' asks before it removes anything: use --" PARAM_YES " or --" PARAM_DRY_RUN
		                            ", or run it on a terminal");
	unsigned kinds = c->noun < 0 ? c->info->kinds : 1u << c->kind;
	int status = client_open(&s, c, kinds, &e) < 0 ? cli_error(&e) : prune(c, s);
	client_close(s);
	return status;
}
