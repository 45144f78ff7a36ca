// What each verb of the command line runs. Its options, its help and what is checked come from model/verb.h.
#include "cli.h"

cli_run *const cli_runs[VERBS] = {
	[VERB_LS] = verb_ls,
	[VERB_STATS] = verb_stats,
	[VERB_RUN] = verb_run,
	[VERB_CREATE] = verb_create,
	[VERB_START] = verb_act,
	[VERB_STOP] = verb_act,
	[VERB_KILL] = verb_act,
	[VERB_PAUSE] = verb_act,
	[VERB_RESUME] = verb_act,
	[VERB_RESTART] = verb_act,
	[VERB_DELETE] = verb_act,
	[VERB_RENAME] = verb_act,
	[VERB_SET] = verb_act,
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
