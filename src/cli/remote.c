// Verbs that connect to a stream or need the host itself run on the other host: ssh replaces this process.
#include "cli.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "client/link.h"
#include "model/id.h"

bool cli_writes(const struct cli *c)
{
	return verb_writes(c->verb, &c->params);
}

int cli_refuse(const struct cli *c)
{
	return cli_fail(EXIT_FAILED, "cannot %s%s: --" OPTION_READ_ONLY " was given%s", c->info->name,
	                cli_has(c, PARAM_REPAIR) ? " --" PARAM_REPAIR : "",
	                c->info->flags & CREATES && c->kind == KIND_CONTAINER
	                    ? " (for a container with a read-only root: --" PARAM_READ_ONLY_ROOT ")"
	                    : "");
}

// Replaces this process with ssh, which runs WORDS on the other host.
static int pass_on(const struct cli *c, const struct strv *words)
{
	auto_strv argv = {0};
	struct err e = {0};

	if (c->read_only && cli_writes(c))
		return cli_refuse(c);
	cli_connecting(c);
	if (link_remote_argv(c->host, words, isatty(STDIN_FILENO) && isatty(STDOUT_FILENO), &argv, &e) < 0)
		return cli_fail(EXIT_USAGE, "%s", e.text);
	execvp(argv.items[0], argv.items);
	return cli_fail(EXIT_FAILED, "cannot run '%s': %s (install openssh-client)", argv.items[0], strerror(errno));
}

// The id on that host. It has no kind, because hostel there might be too old to know ids with kinds.
static char *their_id(const struct cli *c, const char *word)
{
	auto_free char *there = id_is_on(word, c->host) ? id_rehost(word, ID_HERE) : NULL;

	return there ? id_without_kind(there) : mem_strdup(word);
}

// The command line for the other host: all options except --host.
static void add_words(struct strv *words, const struct cli *c, int count, char **operands)
{
	if (c->noun >= 0)
		strv_add(words, kind_name(c->kind));
	strv_add(words, c->info->name);
	if (c->noun < 0 && c->info->flags & CREATES)
		strv_add(words, kind_name(c->kind));
	for (size_t i = 0; i < c->given.count; i++)
		if (!str_starts(c->given.items[i], "--" OPTION_HOST "="))
			strv_add(words, c->given.items[i]);
	strv_add(words, "--");
	for (int i = 0; i < count; i++) {
		bool names = !(c->info->flags & CREATES) && (i == 0 || c->verb != VERB_EXEC);

		strv_take(words, names ? their_id(c, operands[i]) : mem_strdup(operands[i]));
	}
}

int cli_run_there(const struct cli *c, int count, char **operands)
{
	auto_strv words = {0};

	add_words(&words, c, count, operands);
	return pass_on(c, &words);
}
