// Verbs and when they apply: see model/verb.h.
#include "model/verb.h"

#include <stddef.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "model/param.h"
#include "verb_tables.h"

enum { CONTAINERS = 1 << KIND_CONTAINER, GUESTS = 1 << KIND_GUEST, ANY = KIND_BIT_ANY };

static const struct verb_info verbs[VERBS] = {
	[VERB_LS] = {.name = "ls", .operands = "[FILTER]…",
	 .help = "list workloads; filters: state:running kind:guest mem>1G …",
	 .most = VERB_ANY, .fields = ls_fields},
	[VERB_STATS] = {.name = "stats", .operands = "[NAME]…",
	 .help = "measure CPU, memory, network and disks",
	 .most = VERB_ANY, .fields = stats_fields},
	[VERB_RUN] = {.name = "run", .label = "Run", .doing = "creating",
	 .operands = "[guest|container] [OPTION]… [IMAGE [COMMAND]…]",
	 .help = "create and start a container or guest; wait for the container",
	 .kinds = ANY, .flags = WRITES | CREATES | RUNS_THERE | PASSES_STATUS, .most = VERB_ANY, .seconds = 1800,
	 .fields = run_own_fields, .shared = create_fields},
	[VERB_CREATE] = {.name = "create", .label = "Create", .doing = "creating",
	 .operands = "[guest|container] [OPTION]… [IMAGE [COMMAND]…]",
	 .help = "create a container or guest",
	 .kinds = ANY, .flags = WRITES | CREATES, .most = VERB_ANY, .seconds = 1800,
	 .fields = create_own_fields, .shared = create_fields},
	// starting and deleting copy and hash; the others wait for one answer of an engine
	[VERB_START] = {.name = "start", .label = "Start", .doing = "starting", .operands = "NAME…",
	 .help = "start workloads",
	 .kinds = ANY, .flags = ACTS | NEEDS_STOPPED | WRITES, .least = 1, .most = VERB_ANY, .seconds = 600},
	[VERB_STOP] = {.name = "stop", .label = "Stop", .doing = "stopping", .operands = "NAME…",
	 .help = "shut down gracefully; kill containers after a grace period",
	 .kinds = ANY, .flags = ACTS | NEEDS_RUNNING | WRITES | HAS_GRACE, .least = 1, .most = VERB_ANY, .seconds = 30,
	 .fields = stop_fields},
	[VERB_KILL] = {.name = "kill", .label = "Force stop", .doing = "killing", .operands = "NAME…",
	 .help = "kill, or send a signal",
	 .kinds = ANY, .flags = ACTS | NEEDS_RUNNING | WRITES | DESTRUCTIVE, .least = 1, .most = VERB_ANY, .seconds = 60,
	 .fields = kill_fields, .loses = kill_loses},
	[VERB_PAUSE] = {.name = "pause", .label = "Pause", .doing = "pausing", .operands = "NAME…",
	 .help = "freeze",
	 .kinds = ANY, .flags = ACTS | NEEDS_RUNNING | NEEDS_UNPAUSED | WRITES, .least = 1, .most = VERB_ANY,
	 .seconds = 30,
	 .undo = pause_undo},
	[VERB_RESUME] = {.name = "resume", .label = "Resume", .doing = "resuming", .operands = "NAME…",
	 .help = "continue after pause",
	 .kinds = ANY, .flags = ACTS | NEEDS_PAUSED | WRITES, .least = 1, .most = VERB_ANY, .seconds = 60,
	 .undo = resume_undo},
	[VERB_RESTART] = {.name = "restart", .label = "Restart", .doing = "restarting", .operands = "NAME…",
	 .help = "stop and start",
	 .kinds = ANY, .flags = ACTS | NEEDS_RUNNING | WRITES | DESTRUCTIVE | HAS_GRACE, .least = 1, .most = VERB_ANY,
	 .seconds = 600,
	 .fields = stop_fields, .loses = restart_loses},
	[VERB_DELETE] = {.name = "rm", .label = "Delete", .doing = "deleting", .operands = "NAME…",
	 .help = "delete permanently",
	 .kinds = ANY, .flags = ACTS | WRITES | DESTRUCTIVE | HAS_GRACE, .least = 1, .most = VERB_ANY, .seconds = 600,
	 .fields = delete_fields, .loses = delete_loses},
	[VERB_RENAME] = {.name = "rename", .label = "Rename", .doing = "renaming", .operands = "NAME NEW",
	 .help = "change the name",
	 .kinds = ANY, .flags = ACTS | NEEDS_STOPPED | WRITES, .least = 2, .most = 2, .seconds = 30,
	 .fields = rename_fields, .undo = rename_undo},
	[VERB_SET] = {.name = "set", .label = "Change limits", .doing = "changing", .operands = "OPTION… NAME…",
	 .help = "change limits, also while running",
	 .kinds = ANY, .flags = ACTS | WRITES, .least = 1, .most = VERB_ANY, .seconds = 60,
	 .shared = create_fields, .shared_flags = FIELD_LIVE, .undo = set_undo},
	[VERB_LOGS] = {.name = "logs", .label = "Logs", .operands = "NAME…",
	 .help = "show output of containers, serial logs of guests",
	 .kinds = ANY, .flags = RUNS_THERE, .least = 1, .most = VERB_ANY, .fields = logs_fields},
	[VERB_EXEC] = {.name = "exec", .label = "Run inside", .operands = "[OPTION]… NAME [--] COMMAND…",
	 .help = "run a command inside",
	 .kinds = ANY, .flags = NEEDS_RUNNING | NEEDS_UNPAUSED | WRITES | RUNS_THERE | PASSES_STATUS, .least = 1,
	 .most = VERB_ANY,
	 .fields = exec_fields},
	[VERB_ATTACH] = {.name = "attach", .label = "Attach", .operands = "NAME",
	 .help = "connect to a container's first process (Ctrl-] leaves)",
	 .kinds = CONTAINERS, .flags = NEEDS_RUNNING | WRITES | RUNS_THERE, .least = 1, .most = 1,
	 .fields = attach_fields},
	[VERB_CONSOLE] = {.name = "console", .label = "Console", .operands = "NAME",
	 .help = "connect to a guest's serial console (Ctrl-] leaves)",
	 .kinds = GUESTS, .flags = NEEDS_RUNNING | WRITES | RUNS_THERE, .least = 1, .most = 1, .fields = console_fields},
	[VERB_WAIT] = {.name = "wait", .operands = "NAME",
	 .help = "wait until a container exits and return its status",
	 .kinds = CONTAINERS, .flags = RUNS_THERE, .least = 1, .most = 1},
	[VERB_INSPECT] = {.name = "inspect", .label = "Describe", .operands = "NAME…",
	 .help = "show all details",
	 .kinds = ANY, .least = 1, .most = VERB_ANY, .fields = inspect_fields},
	[VERB_CHECK] = {.name = "check", .operands = "",
	 .help = "find damage, leftovers and missing parts",
	 .flags = RUNS_THERE, .fields = check_fields},
	[VERB_AGENT] = {.name = "agent", .operands = "",
	 .help = "serve this host to a hostel on another one (started by --" OPTION_HOST ")"},
	[VERB_COMPLETION] = {.name = "completion", .operands = "bash|zsh|fish",
	 .help = "print completion rules for a shell", .least = 1, .most = 1},
	[VERB_VERSION] = {.name = "version", .operands = "",
	 .help = "show the version"},
	[VERB_HELP] = {.name = "help", .operands = "[VERB [KIND]|keys|fields]",
	 .help = "show help on hostel, a verb, the dashboard's keys or the fields of workloads", .most = 2},
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

enum verb verb_of_stream(enum stream stream)
{
	static const enum verb streams[STREAMS] = {
		[STREAM_LOGS] = VERB_LOGS,
		[STREAM_ATTACH] = VERB_ATTACH,
		[STREAM_EXEC] = VERB_EXEC,
		[STREAM_CONSOLE] = VERB_CONSOLE,
	};

	return streams[stream];
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
			return w->state == STATE_UNKNOWN                ? "its engine does not answer"
			       : kept && needs[i].need == NEEDS_STOPPED ? "is still in memory: stop or kill it first"
			                                                : needs[i].reason;
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

// The INDEX-th of TABLE that is for WORKLOAD_KINDS and has FLAGS; *INDEX is what is left of it.
static const struct verb_field *nth_of(const struct verb_field *table, unsigned kinds, unsigned flags, size_t *index)
{
	for (const struct verb_field *f = table; f && f->name; f++)
		if (f->kinds & kinds && (f->flags & flags) == flags && (*index)-- == 0)
			return f;
	return NULL;
}

const struct verb_field *verb_field(enum verb verb, unsigned kinds, size_t index)
{
	const struct verb_info *info = &verbs[verb];
	const struct verb_field *f = nth_of(info->fields, kinds, 0, &index);

	return f ? f : nth_of(info->shared, kinds, info->shared_flags, &index);
}

const struct verb_field *verb_field_find(enum verb verb, unsigned kinds, const char *name)
{
	const struct verb_field *f;

	for (size_t i = 0; (f = verb_field(verb, kinds, i)); i++)
		if (strcmp(f->name, name) == 0)
			return f;
	return NULL;
}

bool verb_writes(enum verb verb, const struct params *p)
{
	bool writes = verbs[verb].flags & WRITES;

	for (size_t i = 0; i < p->count && !writes; i++) {
		const struct verb_field *f = verb_field_find(verb, KIND_BIT_ANY, p->items[i].name);

		writes = f && f->flags & FIELD_WRITES;
	}
	return writes;
}

const char *verb_field_value(enum verb verb, const struct verb_field *f)
{
	// what is changed may be changed to no
	return f->value || f->type != VALUE_FLAG || verb != VERB_SET ? f->value : "YES";
}

bool verb_field_repeats(const struct verb_field *f)
{
	return f->type == VALUE_PAIRS || f->type == VALUE_LIST || f->type == VALUE_WORDS;
}
