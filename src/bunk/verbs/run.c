// SPDX-License-Identifier: LGPL-2.1-or-later
// bunk_run(): create, start, wait and delete.
#include <errno.h>
#include <sched.h>
#include <sys/pidfd.h>
#include <unistd.h>

#include "base/mem.h"
#include "bunk/bunk.h"
#include "bunk/container/container.h"
#include "bunk/container/phase.h"
#include "bunk/groups/groups.h"
#include "bunk/make/make.h"
#include "bunk/plan/plan.h"
#include "bunk/process/hooks.h"
#include "bunk/process/notify.h"
#include "bunk/process/relay.h"
#include "bunk/read/config.h"
#include "bunk/state/state.h"
#include "verbs.h"

// Lets the waiting child execute its program, and waits for the result if necessary.
static int start_program(struct container *c, const struct bunk_create *o, pid_t pid, struct err *e)
{
	int r = report_pid(c, o, pid, e);

	if (r == 0)
		r = notify_listen(c, e);
	if (r == 0)
		r = phase_go(c->sync[0], 0, e);
	// in the foreground a failed start is reported at exit, which saves waking up for the start
	bool wait = o->detach || c->config.process.terminal || c->config.hooks[HOOK_POSTSTART].count;
	if (r == 0 && wait && (r = relay_interrupted(c, c->sync[0], -1, e)) == 0)
		r = phase_wait_end(c->sync[0], e);
	if (r == 0)
		r = hooks_run(c, HOOK_POSTSTART, BUNK_RUNNING, pid, e);
	return r < 0 ? err_wrap(e, "container '%s'", c->id) : 0;
}

static int wait_for(struct container *c, pid_t pid, int pidfd, int *master, struct err *e)
{
	int r = relay_wait(c, pid, pidfd, master, e);

	if (r < 0) {
		groups_end_process(&c->groups, pid);
		return err_wrap(e, "container '%s'", c->id);
	}
	int failure = phase_failure(c->sync[0], e);
	if (failure == 0 && c->self_start) { // it exited before it was ready
		failure = err_msg(e, EPIPE, "the container's process exited early");
		container_explain_end(c, e);
	}
	return failure < 0 ? err_wrap(e, "container '%s'", c->id) : r;
}

int container_wait(struct container *c, const struct bunk_create *o, int result, pid_t pid, int pidfd, int *master,
                   struct err *e)
{
	struct err left = {0};
	int r = result < 0 ? result : wait_for(c, pid, pidfd, master, e);

	// frees a descriptor for the removal, in case they have run out
	auto_close int socket = r < 0 ? c->sync[0] : -1;
	if (r < 0) {
		c->sync[0] = -1;
		auto_close_run(&socket);
	}
	c->state.pid = 0; // reaped: the pid may be reused
	if (o->keep && r >= 0)
		return r;
	if (state_lock(c, STATE_LOCK, NULL) == -ENOENT)
		return r; // removed by another verb; another container may now have its name and groups
	if (container_destroy(c, &left) < 0 && r >= 0) {
		*e = left;
		return -left.code;
	}
	return r;
}

static bool has_hooks(const struct container *c)
{
	for (size_t i = 0; i < HOOK_KINDS; i++)
		if (c->config.hooks[i].count)
			return true;
	return false;
}

// If no other process needs to know the pid before the start, parent and child need not wait for each other, which
// saves context switches. Meanwhile the child holds the state directory: it must be able to write to it, and must not
// be visible to other processes of the container.
static bool can_start_itself(const struct container *c, const struct bunk_create *o)
{
	bool reported = o->detach || o->pid_file || o->pidfd_socket || c->b->notify_socket || c->plan.filter.notify ||
	            c->config.process.terminal || has_hooks(c);
	bool visible = c->plan.join_count || !plan_is_new(&c->plan, CLONE_NEWPID) || !plan_is_new(&c->plan, CLONE_NEWNS);
	bool writable = !plan_has_own(&c->plan, CLONE_NEWUSER) || id_maps_outside(&c->config.uids, 0) == geteuid();

	return !reported && !visible && writable;
}

static int run_container(struct container *c, const struct bunk_create *o, int pair[2], struct err *e)
{
	int r = container_read(c, o, e);

	if (r == 0)
		r = relay_console(c, o->console_socket, o->detach, pair, e);
	if (r < 0)
		return r;
	relay_block(c);
	c->self_start = can_start_itself(c, o);
	pid_t pid = container_make(c, false, e);
	if (pid < 0)
		return pid;
	state_unlock(c);
	auto_close int pidfd = pidfd_open(pid, 0);
	auto_close int master = pair[0] >= 0 ? relay_master(pair[0], e) : -1;
	r = pair[0] >= 0 && master < 0 ? master : c->self_start ? 0 : start_program(c, o, pid, e);
	if (r == 0 && o->detach)
		r = notify_wait(c, pid, pidfd, e);
	if (r == 0 && o->detach)
		return 0;
	if (r < 0)
		groups_end_process(&c->groups, pid);
	return container_wait(c, o, r, pid, pidfd, &master, e);
}

int bunk_run(const struct bunk *b, const struct bunk_create *o, struct err *e)
{
	struct container c;
	int pair[2] = {-1, -1};

	container_init(&c, b, o->id);
	int r = run_container(&c, o, pair, e);
	container_done(&c); // closes pair[1] as its console
	if (pair[0] >= 0)
		close(pair[0]);
	return r;
}
