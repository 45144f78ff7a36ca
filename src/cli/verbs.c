// What each verb of the command line runs. Its options, its help and what is checked come from model/verb.h.
#include "cli.h"

static cli_run *const runs[VERBS] = {
	[VERB_LS] = verb_ls,
	[VERB_STATS] = verb_stats,
	[VERB_RUN] = verb_run,
	[VERB_CREATE] = verb_create,
	[VERB_LOGS] = verb_logs,
	[VERB_EXEC] = verb_stream,
	[VERB_ATTACH] = verb_stream,
	[VERB_CONSOLE] = verb_stream,
	[VERB_WAIT] = verb_wait,
	[VERB_INSPECT] = verb_inspect,
	[VERB_CHECK] = verb_check,
	[VERB_AGENT] = verb_agent,
	[VERB_COMPLETION] = verb_completion,
	[VERB_VERSION] = verb_version,
	[VERB_HELP] = verb_help,
};

cli_run *cli_run_of(enum verb verb)
{
	return verb_info(verb)->flags & ACTS ? verb_act : runs[verb];
}
