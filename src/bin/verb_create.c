// `hostel create` and `hostel run`: from a recipe's options to a workload, and what follows in the foreground.
#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "cli.h"
#include "model/recipe.h"
#include "session.h"

// The operands go to the recipe's operand fields in their order; the one of words takes all that are left.
static int take_operands(struct cli *c, int count, char **operands)
{
	int at = 0;

	for (const struct recipe_field *f = recipe_fields(c->kind); f->name; f++) {
		if (!(f->flags & RECIPE_OPERAND))
			continue;
		if (f->type == RECIPE_WORDS && at < count && strcmp(operands[at], "--") == 0)
			at++;
		if (f->type == RECIPE_WORDS)
			for (; at < count; at++)
				params_add(&c->params, f->name, operands[at]);
		else if (at < count)
			params_add(&c->params, f->name, operands[at++]);
	}
	if (at < count)
		return cli_fail(EXIT_USAGE, "a %s takes no operand '%s' (see 'hostel %s %s --help')", workload_kind_name(c->kind), operands[at],
		                c->verb->name, workload_kind_name(c->kind));
	return EXIT_OK;
}

static int prepare(struct cli *c, int count, char **operands)
{
	struct err e = {0};
	int status = take_operands(c, count, operands);

	if (status == EXIT_OK && recipe_check(c->kind, &c->params, &e) < 0)
		status = cli_fail(EXIT_USAGE, "%s (see 'hostel %s %s --help')", e.text, c->verb->name, workload_kind_name(c->kind));
	return status;
}

// Prints the name the new workload got.
static int print_name(struct session *s, const char *id)
{
	auto_str trouble = {0};
	auto_str out = {0};
	struct err e = {0};

	session_list(s, &trouble, &e);
	const struct workload *w = inventory_find(session_inventory(s), id);
	str_addf(&out, "%s\n", w ? w->name : id);
	return cli_print(&out);
}

int verb_create(struct cli *c, int count, char **operands)
{
	struct session *s = NULL;
	auto_free char *id = NULL;
	struct err e = {0};
	int status = prepare(c, count, operands);

	if (status != EXIT_OK)
		return status;
	if (c->start)
		params_set(&c->params, "start", "yes");
	if (session_open(&s, c, &e) < 0 || session_create(s, c->kind, &c->params, &id, &e) < 0)
		status = cli_error(&e);
	else
		status = print_name(s, id);
	session_close(s);
	return status;
}

// Takes NAME out of P. Returns whether it was "yes".
static bool take_out(struct params *p, const char *name)
{
	bool yes = strcmp(params_or(p, name, "no"), "yes") == 0;

	if (params_get(p, name))
		params_set(p, name, "no");
	return yes;
}

// Its output until it ends, then its exit status. A terminal is connected both ways.
static int follow(struct cli *c, struct session *s, const char *id)
{
	bool terminal = strcmp(params_or(&c->params, "tty", "no"), "yes") == 0;
	auto_params p = {0};
	struct err e = {0};

	params_add(&p, "follow", "yes");
	int r = session_stream(s, id, terminal ? STREAM_ATTACH : STREAM_LOGS, terminal ? NULL : &p, &e);
	if (r >= 0)
		r = session_await_exit(s, id, &e);
	return r < 0 ? cli_error(&e) : r;
}

// In the foreground deleting it at the end is this program's work: the exit status is needed first.
static int run_in_foreground(struct cli *c, struct session *s)
{
	bool remove = take_out(&c->params, "rm");
	auto_free char *id = NULL;
	auto_params force = {0};
	struct err e = {0};

	if (session_create(s, c->kind, &c->params, &id, &e) < 0)
		return cli_error(&e);
	int status = follow(c, s, id);
	params_add(&force, "force", "yes");
	if (remove && session_act(s, id, VERB_DELETE, &force, &e) < 0)
		cli_warn("%s", e.text);
	return status;
}

int verb_run(struct cli *c, int count, char **operands)
{
	struct session *s = NULL;
	auto_free char *id = NULL;
	struct err e = {0};
	int status = prepare(c, count, operands);

	if (status != EXIT_OK)
		return status;
	params_set(&c->params, "start", "yes");
	if (session_open(&s, c, &e) < 0)
		status = cli_error(&e);
	else if (!c->detach && c->kind == KIND_CONTAINER)
		status = run_in_foreground(c, s);
	else
		status = session_create(s, c->kind, &c->params, &id, &e) < 0 ? cli_error(&e) : print_name(s, id);
	session_close(s);
	return status;
}
