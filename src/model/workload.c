// Kinds and states of workloads: see model/workload.h.
#include "model/workload.h"

#include <signal.h>
#include <string.h>

#include "model/verb.h"

const char workload_kinds[] = "guest or vm, container or ct";

bool workload_failed(const struct workload *w)
{
	bool obeyed = w->exit_code == 128 + SIGTERM || w->exit_code == 128 + SIGINT;

	return w->state == STATE_CRASHED || (w->state == STATE_EXITED && !obeyed && (w->exit_code > 0 || w->reason));
}

unsigned workload_flags(const struct workload *w)
{
	unsigned flags = item_state_info(w->state)->flags;

	return w->active && flags & NEEDS_STOPPED ? NEEDS_RUNNING | NEEDS_PAUSED : flags;
}

bool workload_is_active(const struct workload *w)
{
	return w->active || item_state_info(w->state)->flags & NEEDS_RUNNING;
}

const char *workload_kind_name(enum kind kind)
{
	return kind_name(kind);
}

int workload_kind_find(const char *name)
{
	int kind = kind_find(name);

	return kind < WORKLOAD_KINDS ? kind : -1;
}

void workload_add_state(struct str *out, const struct workload *w)
{
	str_add(out, item_state_info(w->state)->name);
	if (w->state == STATE_EXITED && w->exit_code >= 0)
		str_addf(out, " %d", w->exit_code);
	if (w->state == STATE_EXITED && w->reason) {
		str_add_char(out, ' ');
		str_add_visible(out, w->reason, strlen(w->reason));
	}
}
