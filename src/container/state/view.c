// The current state of one container: see view.h.
#include "view.h"

#include <errno.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/str.h"
#include "model/param.h"
#include "container/bundle/bundle.h"
#include "container/store/record.h"
#include "container/store/store.h"
#include "containers.h"
#include "model/workload.h"
#include "sys/cgroup.h"
#include "sys/proc.h"

void view_done(struct view *v)
{
	auto_close_run(&v->dir);
	v->dir = -1;
	record_done(&v->record);
	run_state_done(&v->state);
}

int view_open(struct view *v, struct containers *c, const char *name, struct err *e)
{
	struct err damage;

	*v = (struct view){.dir = store_container_open(&c->store, name, e)};
	if (v->dir < 0)
		return v->dir;
	v->damaged = run_state_read(v->dir, &v->state, &damage) < 0;
	// in this order, so that a container that has just started is not mistaken for an unsupervised one
	v->watched = store_is_locked(v->dir, "monitor");
	int r = record_read(v->dir, &v->record, e);
	if (r < 0) {
		err_wrap(e, "container '%s'", name);
		err_hint(e, "'hostel rm --" PARAM_FORCE " %s' removes it", name);
		return r == -ENOENT ? -EINVAL : r; // it exists, but is damaged
	}
	free(v->record.name);
	v->record.name = mem_strdup(name); // a rename only moves the directory
	v->running = v->state.phase == RUN_RUNNING && str_equal(v->state.boot, c->boot) &&
	             proc_is_alive(v->state.pid, v->state.pid_started);
	return 0;
}

enum item_state view_state(struct containers *c, const struct view *v)
{
	if (v->watched && v->running) {
		if (store_is_locked(v->dir, "stopping"))
			return STATE_STOPPING;
		return bundle_is_frozen(&c->layout, record_id(&v->record), v->state.pid) ? STATE_PAUSED : STATE_RUNNING;
	}
	// its monitor logs the last output, then records the exit
	if (v->watched && v->state.phase == RUN_RUNNING)
		return STATE_STOPPING;
	if (v->damaged)
		return STATE_UNKNOWN;
	if (v->state.phase == RUN_NEVER || v->state.phase == RUN_STARTING)
		return STATE_CREATED;
	return str_equal(v->state.reason, REASON_MONITOR_DIED) || str_equal(v->state.reason, REASON_STATE_DAMAGED)
	           ? STATE_CRASHED
	           : STATE_EXITED;
}
