// Verbs that do something to workloads that exist: start … rm, rename, set, wait, and the streams.
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "cli.h"
#include "link/wire.h"
#include "session.h"

static int act_on(struct cli *c, struct session *s, const char *word, const struct str *trouble)
{
	int verb = verb_find(c->verb->name);
	struct err e = {0};
	const struct workload *w = session_find(s, word, trouble, &e);

	if (!w)
		return cli_error(&e);

	auto_free char *id = mem_strdup(w->id);
	int r = session_act(s, id, (enum verb)verb, &c->params, &e);
	session_show_notes(s);
	return r < 0 ? cli_error(&e) : EXIT_OK;
}

// The last operand of `rename` is the new name; every other verb takes workloads only.
static int take_new_name(struct cli *c, int *count, char **operands)
{
	if (strcmp(c->verb->name, "rename") != 0)
		return EXIT_OK;
	if (*count != 2)
		return cli_fail(EXIT_USAGE, "'rename' takes a workload and its new name: hostel rename OLD NEW");
	if (!str_is_name(operands[1]))
		return cli_fail(EXIT_USAGE, "'%s' cannot be a name (1 to 64 letters, digits, '_', '.', '-')", operands[1]);
	params_set(&c->params, "to", operands[1]);
	*count = 1;
	return EXIT_OK;
}

int verb_act(struct cli *c, int count, char **operands)
{
	struct session *s = NULL;
	auto_str trouble = {0};
	struct err e = {0};

	if (take_new_name(c, &count, operands) != EXIT_OK)
		return EXIT_USAGE;
	if (session_open(&s, c, &e) < 0)
		return cli_error(&e);
	bool listed = session_list(s, &trouble, &e) == 0;
	int status = listed ? EXIT_OK : cli_error(&e);
	for (int i = 0; listed && i < count; i++) { // one that fails does not keep the others from it
		int each = act_on(c, s, operands[i], &trouble);

		status = each != EXIT_OK ? each : status;
	}
	session_close(s);
	return status;
}

// Opens, lists and finds. Returns EXIT_OK with *ID owned by the caller.
static int find_one(struct cli *c, struct session **s, const char *word, char **id)
{
	auto_str trouble = {0};
	struct err e = {0};

	if (session_open(s, c, &e) < 0 || session_list(*s, &trouble, &e) < 0)
		return cli_error(&e);
	const struct workload *w = session_find(*s, word, &trouble, &e);
	if (!w)
		return cli_error(&e);
	*id = mem_strdup(w->id);
	return EXIT_OK;
}

static int too_many(const struct cli *c)
{
	return cli_fail(EXIT_USAGE, "'%s' takes one workload: hostel %s %s", c->verb->name, c->verb->name, c->verb->operands);
}

int verb_wait(struct cli *c, int count, char **operands)
{
	struct session *s = NULL;
	auto_free char *id = NULL;
	struct err e = {0};

	if (count > 1)
		return too_many(c);
	int status = find_one(c, &s, operands[0], &id);
	if (status == EXIT_OK) {
		int r = session_await_exit(s, id, &e);
		status = r < 0 ? cli_error(&e) : r;
	}
	session_close(s);
	return status;
}

static enum stream stream_of(const char *name)
{
	for (enum stream s = 0; s < STREAMS; s++)
		if (strcmp(wire_stream_name(s), name) == 0)
			return s;
	return STREAM_LOGS;
}

int verb_stream(struct cli *c, int count, char **operands)
{
	enum stream stream = stream_of(c->verb->name);
	struct session *s = NULL;
	auto_free char *id = NULL;
	struct err e = {0};

	if (count > 1 && stream != STREAM_EXEC)
		return too_many(c);
	int first = count > 1 && strcmp(operands[1], "--") == 0 ? 2 : 1;
	for (int i = first; i < count; i++)
		params_add(&c->params, "command", operands[i]);
	if (stream == STREAM_EXEC && !params_get(&c->params, "command"))
		return cli_fail(EXIT_USAGE, "'exec' needs a command: hostel exec %s", c->verb->operands);
	int status = find_one(c, &s, operands[0], &id);
	if (status == EXIT_OK) {
		int r = session_stream(s, id, stream, &c->params, &e);
		status = r < 0 ? cli_error(&e) : r;
	}
	session_close(s);
	return status;
}
