// The function of each verb. Options, help and checks come from model/verb.h.
#include "cli.h"

static cli_run *const runs[VERBS] = {
	[VERB_STATS] = verb_stats,
	[VERB_RUN] = verb_run,
	[VERB_CREATE] = verb_create,
	[VERB_START] = verb_start,
	[VERB_EDIT] = verb_edit,
	[VERB_PULL] = verb_pull,
	[VERB_PRUNE] = verb_prune,
	[VERB_DF] = verb_df,
	[VERB_SAVE] = verb_of_kind,
	[VERB_LOAD] = verb_of_kind,
	[VERB_LOGIN] = verb_login,
	[VERB_LOGOUT] = verb_logout,
	[VERB_HISTORY] = verb_history,
	[VERB_COMMIT] = verb_commit,
	[VERB_IMPORT] = verb_import,
	[VERB_COPY] = verb_copy,
	[VERB_EXPORT] = verb_export,
	[VERB_BACKUP] = verb_export,
	[VERB_RESTORE] = verb_restore,
	[VERB_DIFF] = verb_diff,
	[VERB_LOGS] = verb_logs,
	[VERB_EVENTS] = verb_events,
	[VERB_WAIT] = verb_wait,
	[VERB_TOP] = verb_top,
	[VERB_CHECK] = verb_check,
	[VERB_AGENT] = verb_agent,
	[VERB_WORK] = verb_work,
	[VERB_SWEEP] = verb_sweep,
	[VERB_COMPLETION] = verb_completion,
	[VERB_COMPLETE] = verb_complete,
	[VERB_VERSION] = verb_version,
	[VERB_HELP] = verb_help,
};

// All others.
static cli_run *const by_result[] = {
	[RESULT_ITEMS] = verb_ls,
	[RESULT_DOCUMENT] = verb_inspect,
	[RESULT_STREAM] = verb_stream,
	[RESULT_JOB] = NULL,
};

cli_run *cli_run_of(enum verb verb)
{
	const struct verb_info *info = verb_info(verb);

	return runs[verb] ? runs[verb] : info->flags & ACTS ? verb_act : by_result[info->result];
}
