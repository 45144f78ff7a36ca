// The verbs on a container, one row each. A process that changes a container holds its lock.
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/units.h"
#include "change.h"
#include "container/bundle/bundle.h"
#include "container/containers.h"
#include "container/monitor/policy.h"
#include "container/network/libvirt/reservation.h"
#include "container/state/containers.h"
#include "container/state/runtime.h"
#include "container/state/view.h"
#include "container/state/view_monitor.h"
#include "container/store/joined.h"
#include "container/store/record.h"
#include "container/store/store.h"
#include "end.h"
#include "ended.h"
#include "model/definition.h"
#include "model/job.h"
#include "model/name.h"
#include "model/param.h"
#include "model/verb.h"
#include "model/workload.h"
#include "networking.h"
#include "rename.h"
#include "start.h"
#include "sys/proc.h"
#include "sys/signal_name.h"

// An action on a container, with a current view; the container's lock is held.
typedef int action(struct containers *c, struct view *v, const struct params *p, struct err *e);

static int act_start(struct containers *c, struct view *v, const struct params *p, struct err *e)
{
	(void)p;
	return container_start(c, v, false, e);
}

// Sends the image's stop signal; SIGTERM if it has none, or an unknown one.
static int signal_stop(struct containers *c, const struct view *v)
{
	const char *wanted = params_or(&v->record.params, PARAM_STOP_SIGNAL, v->record.image.stop_signal);
	struct err ignored;

	return wanted && container_signal(c, v, wanted, &ignored) == 0 ? 0 : container_signal(c, v, "TERM", &ignored);
}

// Sends the stop signal to the first process, and kills the container after a timeout: as PID 1 of its namespace the
// first process ignores signals without a handler.
static int act_stop(struct containers *c, struct view *v, const struct params *p, struct err *e)
{
	struct err ignored;
	int64_t grace = verb_grace(KIND_CONTAINER);
	const char *own = params_get(&v->record.params, PARAM_STOP_TIMEOUT);
	const char *timeout = p ? params_or(p, PARAM_TIMEOUT, own) : own;

	if (timeout && units_parse_duration(timeout, &grace) < 0)
		return err_msg(e, EINVAL, "invalid duration '%s' (for example 10s or 500ms)", timeout);
	if (!v->watched)
		return 0;
	if (view_refuse_stopped(v, e) < 0)
		return -e->code;
	auto_close int mark = container_mark_stopping(c, v);
	runtime_run(c, (const char *const[]){"resume", record_id(&v->record), NULL}, NULL, NULL, &ignored);
	if (signal_stop(c, v) == 0 && view_wait_for_end(v, grace))
		return 0;
	return view_refuse_stopped(v, e) < 0 ? -e->code : container_kill(c, v, e);
}

static int act_kill(struct containers *c, struct view *v, const struct params *p, struct err *e)
{
	const char *signal = p ? params_get(p, PARAM_SIGNAL) : NULL;
	int number = signal && *signal ? signal_number(signal, e) : SIGKILL;

	if (number < 0)
		return number;
	return number == SIGKILL ? container_kill(c, v, e) : container_signal(c, v, signal, e);
}

static int act_pause(struct containers *c, struct view *v, const struct params *p, struct err *e)
{
	(void)p;
	return runtime_run(c, (const char *const[]){"pause", record_id(&v->record), NULL}, NULL, NULL, e);
}

static int act_resume(struct containers *c, struct view *v, const struct params *p, struct err *e)
{
	(void)p;
	return runtime_run(c, (const char *const[]){"resume", record_id(&v->record), NULL}, NULL, NULL, e);
}

static int view_reopen(struct containers *c, struct view *v, struct err *e)
{
	auto_free char *name = mem_strdup(v->record.name);

	view_done(v);
	return view_open(v, c, name, e);
}

static int act_restart(struct containers *c, struct view *v, const struct params *p, struct err *e)
{
	int r = act_stop(c, v, p, e);

	r = r < 0 ? r : view_reopen(c, v, e);
	return r < 0 ? r : container_start(c, v, false, e);
}

// Even a container with damaged files can be killed and removed: the runtime usually knows it by name, and its monitor
// notices the exit. If the runtime knows it by another id, it is an orphan afterwards.
static int delete_damaged(struct containers *c, struct view *v, const char *name, struct err *e)
{
	struct err ignored;

	if (runtime_knows_damaged(c, name))
		runtime_run(c, (const char *const[]){"delete", "--force", name, NULL}, NULL, NULL, &ignored);
	v->watched = !view_wait_for_end(v, SECOND);
	if (view_monitor_stopped(v))
		view_kill_monitor(v);
	return store_container_remove(c->store.containers, name, e);
}

// A running container is updated in the kernel first, so that the record never claims more than is in effect.
static int act_set(struct containers *c, struct view *v, const struct params *p, struct err *e)
{
	struct policy policy;
	int r = verb_check_params(VERB_SET, KIND_CONTAINER, p, e);

	for (size_t i = 0; r == 0 && p && i < p->count; i++)
		params_set(&v->record.params, p->items[i].name, p->items[i].value);
	if (r == 0)
		r = policy_parse(&policy, params_get(&v->record.params, PARAM_RESTART), e);
	if (r == 0)
		r = bundle_check_memory(&v->record, e);
	if (r == 0 && v->running) {
		auto_free char *resources = bundle_resources(&v->record);
		r = runtime_run(c, (const char *const[]){"update", "--resources", "-", record_id(&v->record), NULL},
		                resources, NULL,
		                e);
	}
	joined_note(&v->record, c->store.containers);
	return r < 0 ? r : container_write(c, v->dir, &v->record, e);
}

static int act_edit(struct containers *c, struct view *v, const struct params *p, struct err *e)
{
	auto_params changes = {0};
	auto_free char *to = NULL;
	const char *text = params_or(p, PARAM_DEFINITION, "");
	int r = definition_changes(text, KIND_CONTAINER, v->record.name, &v->record.params, &to, &changes, e);

	if (r == 0 && to)
		r = container_check_rename(c, v, to, e);
	if (r == 0 && changes.count)
		r = act_set(c, v, &changes, e);
	if (r < 0 || !to)
		return r;
	return container_rename(c, v, to, e);
}

static int act_rename(struct containers *c, struct view *v, const struct params *p, struct err *e)
{
	return container_rename(c, v, params_or(p, PARAM_TO, ""), e);
}

static int act_delete(struct containers *c, struct view *v, const struct params *p, struct err *e)
{
	bool force = p && str_equal(params_get(p, PARAM_FORCE), "yes"),
	     volumes = p && str_equal(params_get(p, PARAM_VOLUMES), "yes");

	return container_delete(c, v, force, volumes, e);
}

static action *const actions[VERBS] = {
	[VERB_START] = act_start, [VERB_STOP] = act_stop, [VERB_KILL] = act_kill, [VERB_PAUSE] = act_pause,
	 [VERB_RESUME] = act_resume,
	[VERB_RESTART] = act_restart, [VERB_DELETE] = act_delete, [VERB_RENAME] = act_rename, [VERB_SET] = act_set,
	[VERB_EDIT] = act_edit, [VERB_CONNECT] = container_connect, [VERB_DISCONNECT] = container_disconnect,
};

// Those that are not done to one container; NAME is "*".
static int (*const of_kind[VERBS])(struct containers *c, const char *name, const struct params *p,
                                   const struct job *job, struct err *e) = {
	[VERB_PRUNE] = ended_prune,
};

bool containers_do(enum verb verb)
{
	return actions[verb] || of_kind[verb];
}

// Refuses verbs that would have no effect in the current state. Stopping a container that is not running is not an
// error: scripts stop containers just to be sure; restart starts it.
static int check_state(struct containers *c, const struct view *v, enum verb verb, struct err *e)
{
	const struct workload w = {.state = view_state(c, v)};
	const char *refusal = verb == VERB_STOP || verb == VERB_RESTART ? NULL : verb_refusal(verb, &w);

	return refusal ? err_msg(e, EBUSY, "container '%s' %s", v->record.name, refusal) : 0;
}

// Without the lock: another process may hold it while it waits for a graceful exit, and a forced removal does not wait
// for that.
static void kill_unlocked(struct containers *c, const char *name)
{
	auto_view v = {.dir = -1};
	struct err ignored;

	if (view_open(&v, c, name, &ignored) == 0 && v.watched)
		container_kill(c, &v, &ignored);
}

static int act_on_one(struct containers *c, const char *name, enum verb verb, const struct params *p, struct err *e)
{
	auto_view v = {.dir = -1};
	bool force = p && str_equal(params_get(p, PARAM_FORCE), "yes");

	if (verb == VERB_DELETE && force)
		kill_unlocked(c, name);
	// a signal must be delivered while a stop is waiting
	auto_close int lock = verb == VERB_KILL ? -1 : container_lock(c, name, e);
	int r = lock < 0 && verb != VERB_KILL ? lock : view_open(&v, c, name, e);

	bool damaged = r < 0 && v.dir >= 0;
	if (r == 0)
		r = check_state(c, &v, verb, e);
	if (damaged && verb == VERB_DELETE && force)
		r = delete_damaged(c, &v, name, e);
	else if (r == 0)
		r = actions[verb](c, &v, p, e);
	return r;
}

int containers_act(struct containers *c, const char *name, enum verb verb, const struct params *p,
                   const struct job *job, struct err *e)
{
	// after these, a monitor that does not know libvirt may have removed a container
	static const bool ends[VERBS] = {[VERB_STOP] = true, [VERB_KILL] = true, [VERB_DELETE] = true};
	int r = of_kind[verb] ? of_kind[verb](c, name, p, job, e) : act_on_one(c, name, verb, p, e);
	struct err ignored;

	if (ends[verb])
		reservations_sweep(c->store.path, true, NULL, &ignored);
	if (verb_info(verb)->flags & WRITES)
		store_touch(c->store.containers);
	return r;
}

// A container with --rm is kept until waiting processes have seen its exit status: they hold "waiting".
int containers_await_exit(struct containers *c, const char *name, struct err *e)
{
	auto_close int dir = store_container_open(&c->store, name, e);
	auto_close int waiting = dir < 0 ? -1 : store_lock_shared(dir, "waiting");

	for (;;) {
		auto_view v = {.dir = -1};
		auto_free char *now = dir < 0 ? NULL : store_container_name(dir); // it may have been renamed
		int r = dir < 0 ? dir : view_open(&v, c, now ? now : name, e);
		if (r < 0)
			return r;
		if (!v.watched && v.state.phase == RUN_NEVER)
			return err_msg(e, EINVAL, "container '%s' was never started", name);
		if (!v.watched || v.state.phase == RUN_ENDED)
			return v.state.code >= 0 ? v.state.code
			                         : err_msg(e, EIO, "the exit status of container '%s' is unknown: %s", name,
			                                   v.state.reason ? v.state.reason : REASON_MONITOR_DIED);
		if (view_refuse_stopped(&v, e) < 0)
			return -e->code;
		view_wait_for_end(&v, record_has(&v.record, PARAM_RM) ? 50 * MS : SECOND);
	}
}
