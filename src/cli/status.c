// The exit statuses of hostel itself, by kind of verb.
#include "cli.h"

#include "base/mem.h"

// hostel's own exit statuses; statuses of commands inside are passed on unchanged.
static const struct exit_row {
	int own;
	int plain, runs;  // for most verbs, and for those with PASSES_STATUS
	const char *help; // for most verbs
	const char *runs_help;
} exits[] = {
	{EXIT_OK, 0, 0, "success", NULL},
	{EXIT_FAILED, 1, 125, "failure (including a change refused by --" OPTION_READ_ONLY ")",
	 "failure of hostel itself"},
	{EXIT_USAGE, 2, 125, "usage error", NULL},
	{EXIT_NOT_FOUND, 3, 125, "no such item", NULL},
	{EXIT_NOT_EXECUTED, 1, 126, NULL, "the command cannot be executed"},
	{EXIT_NOT_INSTALLED, 1, 127, NULL, "no such command"},
};

int cli_exit_status(enum verb verb, int status)
{
	for (size_t i = 0; i < ARRAY_SIZE(exits); i++)
		if (exits[i].own == status)
			return verb < VERBS && verb_info(verb)->flags & PASSES_STATUS ? exits[i].runs : exits[i].plain;
	return status;
}

void cli_add_exit_help(struct str *out)
{
	str_add(out, "\nExit status:");
	for (size_t i = 0; i < ARRAY_SIZE(exits); i++)
		if (exits[i].help)
			str_addf(out, "%s %d %s", i ? "," : "", exits[i].plain, exits[i].help);
	str_add(out, ".\nrun and exec:");
	for (size_t i = 0; i < ARRAY_SIZE(exits); i++)
		if (exits[i].runs_help)
			str_addf(out, " %d %s,", exits[i].runs, exits[i].runs_help);
	str_add(out, " otherwise the status of the command inside, which attach and wait also return.\n");
}
