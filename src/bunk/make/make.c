// SPDX-License-Identifier: LGPL-2.1-or-later
// Creating a container: the parent's side. Clones, maps ids, synchronises with the child at its phases, and undoes
// everything after a failure.
#include "make.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "bunk/bunk.h"
#include "bunk/container/container.h"
#include "bunk/container/phase.h"
#include "bunk/container/pid_file.h"
#include "bunk/groups/groups.h"
#include "bunk/groups/limits.h"
#include "bunk/groups/rdt.h"
#include "bunk/plan/plan.h"
#include "bunk/process/hooks.h"
#include "bunk/process/labels.h"
#include "bunk/process/listener.h"
#include "bunk/process/notify.h"
#include "bunk/process/relay.h"
#include "bunk/read/config.h"
#include "bunk/root/source.h"
#include "bunk/state/state.h"
#include "idmap.h"
#include "init.h"
#include "join.h"
#include "map_ids.h"
#include "net_devices.h"
#include "sys/fs.h"
#include "sys/proc.h"
#include "sys/pty.h"
#include "sys/userns.h"

static int open_start_socket(struct container *c, struct err *e)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d/start", c->state_fd);
	c->start_socket = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (c->start_socket < 0 || bind(c->start_socket, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    listen(c->start_socket, 1) < 0)
		return err_set(e, errno, "cannot create the socket for 'start'");
	return 0;
}

static unsigned long clone_flags(const struct container *c)
{
	return c->plan.new_namespaces & ~(unsigned long)(CLONE_NEWCGROUP | CLONE_NEWTIME); // the child creates these
}

// A process cannot leave a user namespace that it has joined by path: a helper joins it and clones the child with
// CLONE_PARENT.
static _Noreturn void run_helper(struct container *c)
{
	struct err e = {0};
	struct joined there = {0};
	// namespaces owned by the host can be joined only from outside the user namespace; an ordinary user can join those
	// owned by the user namespace only from inside
	int r = joined_enter(&there, c, true, &e);

	if (r == 0 && setns(c->user_joined, CLONE_NEWUSER) < 0)
		r = err_set(&e, errno, "linux.namespaces: cannot join the user namespace");
	if (r == 0)
		r = joined_enter(&there, c, false, &e);

	pid_t pid = r < 0 ? r : process_clone(c, clone_flags(c) | CLONE_PARENT);
	if (pid == 0)
		init_run(c);
	if (pid < 0 && !e.code)
		err_set(&e, -pid, "cannot create the container's process");
	phase_send(c->sync[1], pid < 0 ? PHASE_FAILED : PHASE_PID, pid, pid < 0 ? &e : NULL);
	_exit(0);
}

// Waits for the child's message PHASE or a signal (-EINTR).
static int wait_for_child(const struct container *c, enum phase phase, struct err *e)
{
	int r = relay_interrupted(c, c->sync[0], -1, e);

	return r < 0 ? r : phase_wait(c->sync[0], phase, e);
}

static pid_t clone_by_helper(struct container *c, struct err *e)
{
	pid_t pid = fork();

	if (pid < 0)
		return err_set(e, errno, "cannot create a helper process");
	if (pid == 0)
		run_helper(c);
	int r = wait_for_child(c, PHASE_PID, e);
	waitpid(pid, NULL, 0);
	return r;
}

static pid_t clone_here(struct container *c, struct err *e)
{
	struct joined d = {0};
	pid_t pid = joined_enter(&d, c, false, e);

	if (pid == 0) {
		pid = process_clone(c, clone_flags(c));
		if (pid == 0)
			init_run(c);
		if (pid < 0)
			err_set(e, -pid, "cannot create the container's process and its namespaces");
		if (pid < 0 && plan_is_new(&c->plan, CLONE_NEWUSER))
			userns_explain(e, false);
		else if (pid == -EPERM && geteuid() != 0)
			err_hint(
			    e,
			    "an ordinary user needs {\"type\": \"user\"} in linux.namespaces, with uidMappings and gidMappings");
	}
	joined_leave(&d);
	return pid;
}

// Opens the namespaces given by path that are not entered before the clone.
static int open_joins(struct container *c, struct err *e)
{
	for (size_t i = 0; i < c->plan.join_count; i++) {
		const struct plan_join *j = &c->plan.joins[i];
		// the parent could not open the container's groups from inside a cgroup namespace: the child joins it after
		// its groups
		int *fd = j->flag == CLONE_NEWUSER ? &c->user_joined : j->flag == CLONE_NEWNS ? &c->mounts_joined
			  : j->flag == CLONE_NEWCGROUP ? &c->cgroup_joined : NULL;

		if (fd && (*fd = namespace_open(j, e)) < 0)
			return *fd;
	}
	c->join_later = c->cgroup_joined;
	return 0;
}

int step_sockets(struct container *c, struct err *e)
{
	return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, c->sync) < 0
	           ? err_set(e, errno, "cannot create a socket pair")
	           : 0;
}

int step_limits(struct container *c, struct err *e)
{
	return limits_apply(c, &c->config.resources, e);
}

int step_give_groups(struct container *c, struct err *e)
{
	(void)e;
	groups_give(c);
	return 0;
}

static int clone_child(struct container *c, struct err *e)
{
	pid_t pid = c->user_joined >= 0 ? clone_by_helper(c, e) : clone_here(c, e);

	close(c->sync[1]);
	c->sync[1] = -1;
	listener_leave(c);
	c->pid = pid > 0 ? pid : 0;
	return pid;
}

static int map_child(struct container *c, struct err *e)
{
	return plan_is_new(&c->plan, CLONE_NEWUSER) ? map_ids(c->pid, &c->config.uids, &c->config.gids, e) : 0;
}

int step_go(struct container *c, struct err *e)
{
	return phase_go(c->sync[0], c->pid, e);
}

static int wait_hooks(struct container *c, struct err *e)
{
	return wait_for_child(c, PHASE_HOOKS, e);
}

int step_prestart_hooks(struct container *c, struct err *e)
{
	return hooks_run(c, HOOK_PRESTART, BUNK_CREATING, c->pid, e);
}

int step_runtime_hooks(struct container *c, struct err *e)
{
	return hooks_run(c, HOOK_CREATE_RUNTIME, BUNK_CREATING, c->pid, e);
}

static const struct step hook_steps[] = {
	{"waiting for its mounts", wait_hooks},
	{"running prestart hooks", step_prestart_hooks},
	{"running createRuntime hooks", step_runtime_hooks},
	{"letting the child continue", step_go},
};

static int run_hooks(struct container *c, struct err *e)
{
	bool any = c->config.hooks[HOOK_PRESTART].count || c->config.hooks[HOOK_CREATE_RUNTIME].count;

	return any ? steps_do(c, hook_steps, ARRAY_SIZE(hook_steps), e) : 0;
}

int step_hear_ready(struct container *c, struct err *e)
{
	return wait_for_child(c, PHASE_READY, e);
}

static int wait_ready(struct container *c, struct err *e)
{
	return c->self_start ? 0 : step_hear_ready(c, e);
}

static int note_process(struct container *c, pid_t pid, struct err *e)
{
	c->state.status = BUNK_CREATED;
	c->state.pid = pid;
	if (proc_start_time(pid, &c->state.pid_started) < 0)
		return err_msg(e, ESRCH, "the container's process exited early");
	if (c->b->debug) {
		auto_free char *text = mem_printf("container '%s': pid %d in %s", c->id, pid,
		                                  c->groups.joined.count ? c->groups.joined.items[0] : "no control group");
		c->b->debug(c->b->context, text);
	}
	return 0;
}

static int settle_child(struct container *c, struct err *e)
{
	int r = c->self_start ? note_process(c, c->pid, e) : container_settle(c, c->pid, e);

	if (r < 0 || !c->self_start)
		return r;
	c->locked = false; // the child owns the lock now
	r = state_save_next(c, e);
	return r < 0 ? r : phase_go(c->sync[0], 0, e);
}

// The parent's steps; the child's are in init.c.
static const struct step creating_steps[] = {
	{"connecting parent and child", step_sockets},
	{"opening namespaces to join", open_joins},
	{"checking security modules", labels_prepare},
	{"connecting to the seccomp agent", listener_connect},
	{"mapping the ids of mounts", idmap_prepare},
	{"reading network devices", net_devices_look},
	{"creating control groups", groups_make},
	{"setting limits", step_limits},
	{"delegating the control group", step_give_groups},
	{"cloning the child", clone_child},
	{"requesting a scope from systemd", groups_ask},
	{"mapping its ids", map_child},
	{"moving network devices", net_devices_move},
	{"joining a resctrl group", rdt_join},
	{"letting the child continue", step_go},
	{"opening the sources of its mounts", sources_send},
	{"running hooks", run_hooks},
	{"waiting until it is ready", wait_ready},
	{"saving its state", settle_child},
};

static void close_now(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void container_undo(struct container *c, pid_t pid)
{
	if (pid > 0)
		groups_end_process(&c->groups, pid);
	// frees descriptors for the removal, in case they have run out
	close_now(&c->sync[0]);
	close_now(&c->sync[1]);
	close_now(&c->start_socket);
	close_now(&c->console);
	if (c->state.status == BUNK_CREATING)
		groups_disown(c);
	groups_end(&c->groups, NULL);
	rdt_leave(c);
	hooks_run(c, HOOK_POSTSTOP, BUNK_STOPPED, 0, NULL);
	state_remove(c);
}

int container_settle(struct container *c, pid_t pid, struct err *e)
{
	int r = note_process(c, pid, e);

	return r < 0 ? r : state_save(c, e);
}

void container_explain_end(const struct container *c, struct err *e)
{
	const struct number *limit = &c->config.resources.memory_limit;

	if (!groups_out_of_memory(&c->groups))
		return;
	if (limit->given)
		err_msg(e, ENOMEM,
		        "its process was OOM-killed (the memory limit of %lld bytes is too low)",
		        (long long)limit->value);
	else
		err_msg(e, ENOMEM, "its process was OOM-killed");
}

pid_t container_make(struct container *c, bool start_socket, struct err *e)
{
	int r = container_reserve(c, e);

	if (r < 0)
		return r;
	r = start_socket ? open_start_socket(c, e) : 0;
	if (r == 0)
		r = steps_do(c, creating_steps, ARRAY_SIZE(creating_steps), e);
	if (r < 0) {
		if (c->pid > 0)
			container_explain_end(c, e);
		container_undo(c, c->pid);
		return err_wrap(e, "container '%s'", c->id);
	}
	return c->pid;
}
