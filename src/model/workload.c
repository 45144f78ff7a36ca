// Kinds and states of workloads: see model/workload.h.
#include "model/workload.h"

#include <signal.h>
#include <string.h>
#include <strings.h>

#include "model/verb.h"

static const struct workload_state_info states[STATES] = {
	[STATE_UNKNOWN] = {.name = "unknown", .sign = "?", .ascii_sign = "?"},
	[STATE_CREATED] = {.name = "created", .sign = "○", .ascii_sign = "o", .flags = NEEDS_STOPPED | NEEDS_UNPAUSED},
	[STATE_RUNNING] = {.name = "running", .sign = "●", .ascii_sign = "*", .flags = NEEDS_RUNNING | NEEDS_UNPAUSED},
	[STATE_PAUSED] = {.name = "paused", .sign = "◐", .ascii_sign = "=", .flags = NEEDS_RUNNING | NEEDS_PAUSED},
	[STATE_STOPPING] = {.name = "stopping", .sign = "◌", .ascii_sign = "-", .flags = NEEDS_RUNNING | NEEDS_UNPAUSED},
	[STATE_OFF] = {.name = "off", .sign = "○", .ascii_sign = "o", .flags = NEEDS_STOPPED | NEEDS_UNPAUSED},
	[STATE_EXITED] = {.name = "exited", .sign = "○", .ascii_sign = "o", .flags = NEEDS_STOPPED | NEEDS_UNPAUSED},
	[STATE_CRASHED] = {.name = "crashed", .sign = "✗", .ascii_sign = "x", .flags = NEEDS_STOPPED | NEEDS_UNPAUSED},
	[STATE_SUSPENDED] = {.name = "suspended", .sign = "◑", .ascii_sign = "z", .flags = NEEDS_STOPPED | NEEDS_PAUSED},
};

static const struct {
	const char *name, *alias;
} kinds[KINDS] = {
	[KIND_CONTAINER] = {.name = "container", .alias = "ct"},
	[KIND_GUEST] = {.name = "guest", .alias = "vm"},
};
const char workload_kinds[] = "guest or vm, container or ct";

const struct workload_state_info *workload_state_info(enum workload_state state)
{
	return &states[state];
}

bool workload_failed(const struct workload *w)
{
	bool obeyed = w->exit_code == 128 + SIGTERM || w->exit_code == 128 + SIGINT;

	return w->state == STATE_CRASHED || (w->state == STATE_EXITED && !obeyed && (w->exit_code > 0 || w->reason));
}

unsigned workload_flags(const struct workload *w)
{
	unsigned flags = states[w->state].flags;

	return w->active && flags & NEEDS_STOPPED ? NEEDS_RUNNING | NEEDS_PAUSED : flags;
}

bool workload_is_active(const struct workload *w)
{
	return w->active || states[w->state].flags & NEEDS_RUNNING;
}

const char *workload_kind_name(enum workload_kind kind)
{
	return kinds[kind].name;
}

int workload_kind_find(const char *name)
{
	for (int kind = 0; kind < KINDS; kind++)
		if (strcmp(name, kinds[kind].name) == 0 || strcmp(name, kinds[kind].alias) == 0)
			return kind;
	return -1;
}

unsigned workload_kinds_from(const char *prefix)
{
	unsigned found = 0;

	for (int kind = 0; kind < KINDS; kind++)
		if (strncasecmp(kinds[kind].name, prefix, strlen(prefix)) == 0 || strncasecmp(kinds[kind].alias, prefix, strlen(prefix)) == 0)
			found |= 1u << kind;
	return found;
}

void workload_add_state(struct str *out, const struct workload *w)
{
	str_add(out, states[w->state].name);
	if (w->state == STATE_EXITED && w->exit_code >= 0)
		str_addf(out, " %d", w->exit_code);
	if (w->state == STATE_EXITED && w->reason) {
		str_add_char(out, ' ');
		str_add_visible(out, w->reason, strlen(w->reason));
	}
}
