// Verbs and when they apply: see model/verb.h.
#include "model/verb.h"

#include <stddef.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"

static const struct verb_info verbs[VERBS] = {
	[VERB_START] = {.name = "start", .label = "Start", .doing = "starting", .flags = NEEDS_STOPPED | WRITES},
	[VERB_STOP] = {.name = "stop", .label = "Stop", .doing = "stopping",
	 .flags = NEEDS_RUNNING | WRITES | DESTRUCTIVE},
	[VERB_KILL] = {.name = "kill", .label = "Force stop", .doing = "killing",
	 .flags = NEEDS_RUNNING | WRITES | DESTRUCTIVE},
	[VERB_PAUSE] = {.name = "pause", .label = "Pause", .doing = "pausing",
	 .flags = NEEDS_RUNNING | NEEDS_UNPAUSED | WRITES},
	[VERB_RESUME] = {.name = "resume", .label = "Resume", .doing = "resuming", .flags = NEEDS_PAUSED | WRITES},
	[VERB_RESTART] = {.name = "restart", .label = "Restart", .doing = "restarting",
	 .flags = NEEDS_RUNNING | WRITES | DESTRUCTIVE},
	[VERB_DELETE] = {.name = "rm", .label = "Delete", .doing = "deleting", .flags = WRITES | DESTRUCTIVE},
	[VERB_RENAME] = {.name = "rename", .label = "Rename", .doing = "renaming", .flags = NEEDS_STOPPED | WRITES},
	[VERB_SET] = {.name = "set", .label = "Change limits", .doing = "changing", .flags = WRITES},
};

const struct verb_info *verb_info(enum verb verb)
{
	return &verbs[verb];
}

int verb_find(const char *name)
{
	for (int v = 0; v < VERBS; v++)
		if (strcmp(verbs[v].name, name) == 0)
			return v;
	return -1;
}

const char *verb_refusal_flags(unsigned flags, const struct workload *w)
{
	static const struct {
		unsigned need;
		const char *reason;
	} needs[] = {
		{NEEDS_RUNNING, "is not running"},
		{NEEDS_STOPPED, "is running"},
		{NEEDS_PAUSED, "is not paused"},
		{NEEDS_UNPAUSED, "is paused"},
	};
	unsigned satisfied = workload_flags(w);
	bool kept = satisfied != workload_state_info(w->state)->flags;

	for (size_t i = 0; i < ARRAY_SIZE(needs); i++)
		if ((flags & needs[i].need) && !(satisfied & needs[i].need))
			return w->state == STATE_UNKNOWN ? "its engine does not answer" : kept && needs[i].need == NEEDS_STOPPED ? "is still in memory: stop or kill it first" : needs[i].reason;
	return NULL;
}

const char *verb_refusal(enum verb verb, const struct workload *w)
{
	return verb_refusal_flags(verbs[verb].flags, w);
}

int64_t verb_grace(enum kind kind)
{
	return (kind == KIND_GUEST ? 60 : 10) * SECOND;
}
