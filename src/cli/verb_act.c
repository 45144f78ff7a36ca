// Verbs on existing workloads: start … rm, rename, set, wait, and the streams.
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "cli.h"
#include "model/image.h"
#include "model/stream.h"
#include "client.h"
#include "stream.h"

// After ENOENT on the workload ID: EXIT_NOT_FOUND only if the workload itself disappeared since it was listed.
static int failure_on(struct client *s, const char *id, const struct err *e)
{
	auto_str trouble = {0};
	struct err ignored;
	bool gone =
	    e->code == ENOENT && client_list(s, &trouble, &ignored) == 0 && !inventory_find_item(client_inventory(s), id);

	return gone ? cli_not_found(e) : cli_error(e);
}

// Prints the engine's answer: the result of a verb that returns a text or an id, else notes.
static int show_result(const struct cli *c, const struct client *s)
{
	auto_str out = {0};

	if (c->info->result == RESULT_NONE) {
		client_show_notes(s);
		return EXIT_OK;
	}
	str_addf(&out, "%s\n", client_answer(s));
	return cli_print(&out);
}

// An image can have several names: the engine gets the one that the user gave.
static void add_reference(struct cli *c, const struct item *item, const char *word)
{
	if (item->kind == KIND_IMAGE && verb_field_find(c->verb, 1u << KIND_IMAGE, PARAM_REFERENCE))
		params_set(&c->params, PARAM_REFERENCE, image_meant((const struct image_item *)item, word));
}

// Finds what WORD names, and checks that the verb can be done to it. Returns EXIT_OK with *ID (owned), or another exit
// status after the error.
static int find_one(struct cli *c, struct client *s, const char *word, const struct str *trouble, char **id)
{
	struct err e = {0};
	const struct item *item = client_find_item(s, word, trouble, &e);

	if (!item)
		return cli_not_found(&e);
	if (client_check_kind(c, item) != EXIT_OK)
		return EXIT_FAILED;
	add_reference(c, item, word);
	if (verb_check_params(c->verb, item->kind, &c->params, &e) < 0)
		return cli_error(&e);
	*id = mem_strdup(item->id);
	return EXIT_OK;
}

static int act_on(struct cli *c, struct client *s, const char *word, const struct str *trouble)
{
	struct err e = {0};
	auto_free char *id = NULL;
	int status = find_one(c, s, word, trouble, &id);

	if (status != EXIT_OK)
		return status;
	int r = client_act(s, id, c->verb, &c->params, &e);
	return r < 0 ? failure_on(s, id, &e) : show_result(c, s);
}

// Several containers that the verb acts on at the same time.
struct group {
	struct cli *c;
	struct client *s;
	struct strv ids;
	int status;
};

static void add_result(void *context, size_t i, const struct err *e)
{
	struct group *g = context;
	int status = e->code ? failure_on(g->s, g->ids.items[i], e) : show_result(g->c, g->s);

	g->status = status != EXIT_OK ? status : g->status;
}

static int act_together(struct cli *c, struct client *s, int count, char **operands, const struct str *trouble)
{
	struct group g = {.c = c, .s = s, .status = EXIT_OK};

	for (int i = 0; i < count; i++) {
		char *id = NULL;
		int status = find_one(c, s, operands[i], trouble, &id);

		if (id && strv_has(&g.ids, id)) // named twice
			free(id);
		else if (id)
			strv_take(&g.ids, id);
		g.status = status != EXIT_OK ? status : g.status;
	}
	client_act_all(s, &g.ids, c->verb, &c->params, add_result, &g);
	strv_done(&g.ids);
	return g.status;
}

// One after the other, since the verb on one may depend on what it did to another.
static int act_in_turn(struct cli *c, struct client *s, int count, char **operands, const struct str *trouble)
{
	int status = EXIT_OK;

	for (int i = 0; i < count; i++) { // continue with the others after a failure
		int each = act_on(c, s, operands[i], trouble);

		status = each != EXIT_OK ? each : status;
	}
	return status;
}

// Containers end independently of each other; deleted guests may share disks.
static bool can_be_together(const struct cli *c, const struct client *s, int count, char **operands)
{
	for (int i = 0; i < count; i++) {
		const struct item *item = client_find_item(s, operands[i], &(struct str){0}, &(struct err){0});

		if (item && item->kind != KIND_CONTAINER)
			return false;
	}
	return c->info->flags & TOGETHER;
}

// The last operands are the operand fields of the verb (such as the new name), the others are items.
static int set_last_operands(struct cli *c, int *count, char **operands)
{
	const struct verb_field *f;
	struct err e;
	int names = *count;

	for (size_t i = 0; (f = verb_field(c->verb, cli_kinds(c), i)); i++)
		names -= f->flags & FIELD_OPERAND && names > c->info->least - !!(f->flags & FIELD_REQUIRED) ? 1 : 0;
	int given = *count;
	*count = names;
	for (size_t i = 0; (f = verb_field(c->verb, cli_kinds(c), i)); i++) {
		if (!(f->flags & FIELD_OPERAND) || names >= given)
			continue;
		if (verb_check_value(f, operands[names], &e) < 0)
			return cli_fail(EXIT_USAGE, "%s", e.text);
		params_set(&c->params, f->name, operands[names++]);
	}
	return EXIT_OK;
}

static void add_options_of(struct str *out, enum verb verb, enum kind kind)
{
	const struct verb_field *f;

	for (size_t i = 0; (f = verb_field(verb, 1u << kind, i)); i++)
		str_addf(out, "%s--%s", i ? ", " : out->length ? "; " : "", f->name);
	str_addf(out, " of %s", kind_phrase(kind));
}

// A verb that changes fields of `create` needs at least one of them.
static int refuse_nothing(const struct cli *c)
{
	auto_str takes = {0};

	if (!c->info->recipe_flags || c->params.count)
		return EXIT_OK;
	for (enum kind kind = 0; kind < KINDS; kind++)
		if (verb_suits(c->verb, kind) && cli_kinds(c) >> kind & 1)
			add_options_of(&takes, c->verb, kind);
	return cli_fail(EXIT_USAGE, "'%s' needs an option: %s (for example hostel %s --" PARAM_MEMORY " 512M NAME)",
	                c->info->name, str_text(&takes), c->info->name);
}

// Workloads deleted by one command may share files: each deletion gets all names.
static void name_all(struct cli *c, struct client *s, int count, char **operands, const struct str *trouble)
{
	for (int i = 0; count > 1 && i < count; i++) {
		const struct item *item = client_find_item(s, operands[i], trouble, NULL);

		if (item)
			params_add(&c->params, PARAM_WITH, item->name);
	}
}

int verb_act(struct cli *c, int count, char **operands)
{
	struct client *s = NULL;
	auto_str trouble = {0};
	struct err e = {0};

	if (set_last_operands(c, &count, operands) != EXIT_OK || refuse_nothing(c) != EXIT_OK)
		return EXIT_USAGE;
	if (client_open(&s, c, client_kinds_of(c, count, operands), &e) < 0) {
		client_close(s);
		return cli_error(&e);
	}
	bool listed = client_list(s, &trouble, &e) == 0;
	int status = listed ? EXIT_OK : cli_error(&e);
	if (listed && verb_field_find(c->verb, cli_kinds(c), PARAM_WITH))
		name_all(c, s, count, operands, &trouble);
	if (listed)
		status = can_be_together(c, s, count, operands) ? act_together(c, s, count, operands, &trouble)
		                                                : act_in_turn(c, s, count, operands, &trouble);
	client_close(s);
	return status;
}

static int wait_for_one(struct cli *c, char *word)
{
	struct client *s = NULL;
	auto_free char *id = NULL;
	struct err e = {0};
	int status = client_find_one(c, &s, word, &id);

	if (status == EXIT_OK) {
		int r = cli_kinds(c) == 1u << KIND_JOB ? stream_await_job(c, id, &e) : stream_await_exit(c, id, &e);
		status = r < 0 ? failure_on(s, id, &e) : r;
	}
	client_close(s);
	return status;
}

// If there are several, each status is printed, and the first that is not 0 returned.
int verb_wait(struct cli *c, int count, char **operands)
{
	int first = EXIT_OK;

	for (int i = 0; i < count; i++) {
		auto_str line = {0};
		int status = wait_for_one(c, operands[i]);

		first = first != EXIT_OK ? first : status;
		if (count > 1 && status < EXIT_OWN) {
			str_addf(&line, "%d\n", status);
			cli_print(&line);
		}
	}
	return first;
}

static enum stream stream_of(enum verb verb)
{
	enum stream s = 0;

	while (s < STREAMS - 1 && verb_of_stream(s) != verb)
		s++;
	return s;
}

static bool is_shell(const char *program)
{
	static const char *const shells[] = {"ash",  "bash", "csh",  "dash", "fish", "ksh",
	                                     "mksh", "sh",   "tcsh", "yash", "zsh"};
	const char *slash = strrchr(program, '/');

	for (size_t i = 0; i < ARRAY_SIZE(shells); i++)
		if (strcmp(shells[i], slash ? slash + 1 : program) == 0)
			return true;
	return false;
}

// A shell on a terminal begins with a line on how to leave it, like attach and console.
static void greet_shell(const struct cli *c, const char *name)
{
	const char *shell = params_get_nth(&c->params, PARAM_COMMAND, 1) ? NULL : params_get(&c->params, PARAM_COMMAND);
	bool tty = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) && isatty(STDERR_FILENO);

	if (!shell || !tty || !is_shell(shell))
		return;
	auto_free char *safe = str_visible(name);
	fprintf(stderr, "[hostel: shell in %s; 'exit' or Ctrl-D leaves]\n", safe);
}

int verb_stream(struct cli *c, int count, char **operands)
{
	enum stream stream = stream_of(c->verb);
	struct client *s = NULL;
	auto_free char *id = NULL;
	struct err e = {0};

	int first = count > 1 && strcmp(operands[1], "--") == 0 ? 2 : 1;
	for (int i = first; i < count; i++)
		params_add(&c->params, PARAM_COMMAND, operands[i]);
	if (stream == STREAM_EXEC && !params_get(&c->params, PARAM_COMMAND))
		return cli_fail(EXIT_USAGE, "'exec' needs a command: hostel exec %s", c->info->operands);
	int status = client_find_one(c, &s, operands[0], &id);
	if (status == EXIT_OK) {
		if (stream == STREAM_EXEC)
			greet_shell(c, operands[0]);
		int r = stream_connect(c, id, stream, &c->params, &e);
		status = r < 0 ? failure_on(s, id, &e) : r;
	}
	client_close(s);
	return status;
}
