// SPDX-License-Identifier: LGPL-2.1-or-later
// Creating a container: the child's side, from clone to execve, as a list of named steps. Runs in the new namespaces;
// reports failures to the parent with the name of the step.
#include "init.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/keyctl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "bunk/container/container.h"
#include "bunk/container/phase.h"
#include "bunk/container/pid_file.h"
#include "bunk/groups/groups.h"
#include "bunk/plan/plan.h"
#include "bunk/process/hooks.h"
#include "bunk/process/listener.h"
#include "bunk/process/process.h"
#include "bunk/process/terminal.h"
#include "bunk/root/rootfs.h"
#include "bunk/root/source.h"
#include "bunk/state/state.h"
#include "net_devices.h"
#include "sys/fs.h"
#include "sys/netlink.h"
#include "sys/proc.h"
#include "sys/userns.h"
#include "sysctl.h"

// Without clone3(2): engines' seccomp filters fail it with ENOSYS to force the use of clone(2), whose flags they can
// inspect.
static long clone_by_flags(struct container *c, unsigned long flags, int signal)
{
	if (flags & CLONE_NEWTIME) { // shares its bit with the signal
		errno = ENOSYS;
		return -1;
	}
	if (c->groups.into >= 0)
		close(c->groups.into);
	c->groups.into = -1; // the child joins its groups itself
	return syscall(SYS_clone, flags | (unsigned long)signal, NULL, NULL, NULL, NULL);
}

pid_t process_clone(struct container *c, unsigned long flags)
{
	struct clone_args args = {.flags = flags, .exit_signal = flags & CLONE_PARENT ? 0 : SIGCHLD};

	if (c->groups.into >= 0) {
		args.flags |= CLONE_INTO_CGROUP;
		args.cgroup = (uint64_t)c->groups.into;
	}
	long pid = syscall(SYS_clone3, &args, sizeof(args));
	if (pid < 0 && errno == ENOSYS)
		pid = clone_by_flags(c, flags, (int)args.exit_signal);
	return pid < 0 ? -errno : (pid_t)pid;
}

// Drops what the child inherits from the parent: descriptors, blocked signals.
int step_begin(struct container *c, struct err *e)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL); // until it is ready it must not outlive the parent
	if (c->state_fd >= 0 && !c->self_start) {
		close(c->state_fd); // it shares the lock
		c->state_fd = -1;
	}
	close(c->sync[0]);
	pid_file_done(&c->pid_file);
	c->sync[0] = c->interrupt = -1; // C->interrupt is closed by execve
	close_range(3 + c->preserve_fds, ~0u, CLOSE_RANGE_CLOEXEC);
	for (unsigned fd = 3; fd < 3 + c->preserve_fds; fd++)
		fcntl((int)fd, F_SETFD, 0);
	proc_reset_signals();
	int r = groups_join(&c->groups, e); // first, so that all its memory and time is counted
	if (r == 0)
		r = phase_wait(c->sync[1], PHASE_GO, e); // now ids are mapped; the value is this process's pid outside
	return r < 0 ? r : listener_prepare(c, r, e);
}

static int step_ids(struct container *c, struct err *e)
{
	if (!c->in_user_namespace)
		return 0;
	// this process has all capabilities in the new namespace, but still its ids from outside
	if (!process_keeps_groups(c) && setgroups(0, NULL) < 0 && errno != EPERM)
		return err_set(e, errno, "cannot drop supplementary groups");
	if (setresgid(0, 0, 0) < 0 || setresuid(0, 0, 0) < 0)
		return err_set(e, errno, "cannot become id 0 of the user namespace (is containerID 0 mapped?)");
	prctl(PR_SET_PDEATHSIG, SIGKILL); // changing the ids has cleared it
	return 0;
}

static int step_session(struct container *c, struct err *e)
{
	(void)c;
	return setsid() < 0 ? err_set(e, errno, "cannot create a session") : 0;
}

static int step_cgroup_namespace(struct container *c, struct err *e)
{
	if (c->join_later >= 0)
		return setns(c->join_later, CLONE_NEWCGROUP) < 0 ? err_set(e, errno, "cannot join the cgroup namespace") : 0;
	// not with the clone: its root is the group in which the process is when it is created
	if (!plan_is_new(&c->plan, CLONE_NEWCGROUP) || unshare(CLONE_NEWCGROUP) == 0)
		return 0;
	return err_set(e, errno, "cannot create the cgroup namespace");
}

int step_keyring(struct container *c, struct err *e)
{
	auto_free char *name = mem_printf("_ses.%s", c->id);

	(void)e;
	if (!c->no_new_keyring) // best effort: fails without kernel support or beyond the quota
		syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, name);
	return 0;
}

static int step_names(struct container *c, struct err *e)
{
	const char *host = c->config.hostname, *domain = c->config.domainname;

	if (host && *host && sethostname(host, strlen(host)) < 0)
		return err_set(e, errno, "cannot set the host name '%s'", host);
	if (domain && *domain && setdomainname(domain, strlen(domain)) < 0)
		return err_set(e, errno, "cannot set the domain name '%s'", domain);
	return 0;
}

static int step_network(struct container *c, struct err *e)
{
	int r = plan_is_new(&c->plan, CLONE_NEWNET) ? netlink_set_up("lo", e) : 0;

	return r < 0 ? r : net_devices_set_up(c, e);
}

// Offsets can be set only while the namespace has no processes; unshare(2) creates it for children
// (time_namespaces(7)).
static int step_time_namespace(struct container *c, struct err *e)
{
	auto_str text = {0};

	if (!plan_is_new(&c->plan, CLONE_NEWTIME))
		return 0;
	if (unshare(CLONE_NEWTIME) < 0)
		return err_set(e, errno, "cannot create the time namespace");
	for (size_t i = 0; i < c->config.time_offsets.count; i++) {
		const struct time_offset *t = &c->config.time_offsets.items[i];
		str_addf(&text, "%s %lld %u\n", t->clock, (long long)t->seconds.value, t->nanoseconds);
	}
	int r = text.length ? fs_write_text(AT_FDCWD, "/proc/self/timens_offsets", text.text) : 0;
	if (r < 0)
		return err_set(e, -r, "linux.timeOffsets: cannot set them");
	auto_close int fd = open("/proc/self/ns/time_for_children", O_RDONLY | O_CLOEXEC);
	return fd < 0 || setns(fd, CLONE_NEWTIME) < 0 ? err_set(e, errno, "cannot enter the time namespace") : 0;
}

static int step_oom(struct container *c, struct err *e)
{
	const struct number *score = &c->config.process.oom_score;
	auto_free char *text = mem_printf("%d", (int)score->value);
	int r = score->given ? fs_write_text(AT_FDCWD, "/proc/self/oom_score_adj", text) : 0;

	return r < 0 ? err_set(e, -r, "process.oomScoreAdj: cannot set it to %s", text) : 0;
}

static int step_root(struct container *c, struct err *e)
{
	return rootfs_build(c, &c->root_fd, e);
}

static bool parent_has_hooks(const struct container *c)
{
	return c->config.hooks[HOOK_PRESTART].count || c->config.hooks[HOOK_CREATE_RUNTIME].count;
}

static int step_hooks(struct container *c, struct err *e)
{
	int r = 0;

	if (parent_has_hooks(c) && (r = phase_send(c->sync[1], PHASE_HOOKS, 0, NULL)) == 0)
		r = phase_wait(c->sync[1], PHASE_GO, e);
	return r < 0 ? r : hooks_run(c, HOOK_CREATE_CONTAINER, BUNK_CREATING, HOOKS_SELF, e);
}

static int step_terminal(struct container *c, struct err *e)
{
	return c->config.process.terminal ? process_terminal(c, plan_is_new(&c->plan, CLONE_NEWNS), e) : 0;
}

static int step_workdir(struct container *c, struct err *e)
{
	if (str_equal(c->config.process.cwd, "/"))
		return 0;
	mode_t mask = umask(0);
	int fd = fs_resolve(c->root_fd, c->config.process.cwd, FS_CREATE | FS_DIRECTORY, NULL);

	(void)e; // if this fails, changing to it will report why
	umask(mask);
	if (fd >= 0)
		close(fd);
	return 0;
}

static int step_enter(struct container *c, struct err *e)
{
	int r = rootfs_enter(c, c->root_fd, e);

	close(c->root_fd);
	c->root_fd = -1;
	return r;
}

// While this process may still write there. Afterwards it does not hold the state directory any more.
static int step_state(struct container *c, struct err *e)
{
	int r = c->self_start ? phase_wait(c->sync[1], PHASE_GO, e) : 0;

	return r < 0 || !c->self_start ? r : state_use_next(c, e);
}

static int step_ready(struct container *c, struct err *e)
{
	prctl(PR_SET_PDEATHSIG, 0); // the parent may exit from now on; its death before that shows as a closed socket
	int r = phase_send(c->sync[1], PHASE_READY, 0, NULL);

	return r < 0 ? err_set(e, -r, "cannot report that the container is ready") : 0;
}

// A created container sleeps here until `bunk start` connects; a failed execve is reported over that connection.
static int step_wait_start(struct container *c, struct err *e)
{
	int connection, r = c->self_start ? 0 : phase_wait(c->sync[1], PHASE_GO, e);

	if (r < 0 || c->start_socket < 0)
		return r;
	// the wait may last for days: close inherited descriptors, such as a pipe whose reader waits for EOF
	int kept[] = {c->sync[1], c->start_socket, c->listener, c->proc};
	close_all_but(3 + c->preserve_fds, kept, ARRAY_SIZE(kept));
	do
		connection = accept4(c->start_socket, NULL, NULL, SOCK_CLOEXEC);
	while (connection < 0 && errno == EINTR);
	if (connection < 0)
		return err_set(e, errno, "cannot wait for the start");
	close(c->start_socket);
	c->start_socket = -1;
	c->reply = connection;
	return 0;
}

static int step_start_hooks(struct container *c, struct err *e)
{
	return hooks_run(c, HOOK_START_CONTAINER, BUNK_CREATED, HOOKS_SELF, e);
}

static const struct step init_steps[] = {
	{"waiting for the runtime", step_begin},
	{"receiving the sources of its mounts", sources_receive},
	// before its ids change, which makes the host's root the owner of its files in /proc
	{"creating the time namespace", step_time_namespace},
	{"changing its ids", step_ids},
	{"creating a session", step_session},
	{"entering its control groups", step_cgroup_namespace},
	{"creating a keyring", step_keyring},
	{"setting the host name", step_names},
	{"setting up the network", step_network},
	{"setting sysctls", step_sysctl},
	{"setting the out-of-memory score", step_oom},
	{"building the root file system", step_root},
	{"running hooks", step_hooks},
	{"allocating the terminal", step_terminal},
	{"creating the working directory", step_workdir},
	{"entering the root file system", step_enter},
	{"saving its state", step_state},
	{"preparing the process", process_prepare},
	{"reporting that it is ready", step_ready},
	{"waiting for the start", step_wait_start},
	{"running hooks", step_start_hooks},
	{"executing the program", process_execute},
};

// If the container shares its mount namespace, the namespace does not determine its root.
static int step_exec_root(struct container *c, struct err *e)
{
	int r = c->root_fd >= 0 ? rootfs_change(c->root_fd, e) : 0;

	if (c->root_fd >= 0)
		close(c->root_fd);
	c->root_fd = -1;
	return r;
}

static int step_exec_terminal(struct container *c, struct err *e)
{
	if (!c->config.process.terminal)
		return 0;
	c->root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return c->root_fd < 0 ? err_set(e, errno, "cannot open the root") : process_terminal(c, false, e);
}

static const struct step exec_steps[] = {
	{"waiting for the runtime", step_begin},
	{"changing its ids", step_ids},
	{"creating a session", step_session},
	{"entering its control groups", step_cgroup_namespace},
	{"creating a keyring", step_keyring},
	{"entering the root file system", step_exec_root},
	{"allocating the terminal", step_exec_terminal},
	{"preparing the process", process_prepare},
	{"reporting that it is ready", step_ready},
	{"waiting for the start", step_wait_start},
	{"executing the program", process_execute},
};

_Noreturn void steps_run(struct container *c, const struct step *steps, size_t count)
{
	struct err e = {0};

	c->reply = c->sync[1];
	for (size_t i = 0; i < count; i++) {
		if (steps[i].run(c, &e) >= 0)
			continue;
		err_wrap(&e, "%s", steps[i].name);
		if (plan_is_new(&c->plan, CLONE_NEWUSER))
			userns_explain(&e, true);
		phase_send(c->reply, PHASE_FAILED, 0, &e);
		_exit(e.code == ENOENT ? 127 : 126);
	}
	_exit(126);
}

void init_run(struct container *c)
{
	steps_run(c, init_steps, ARRAY_SIZE(init_steps));
}

void init_exec(struct container *c)
{
	steps_run(c, exec_steps, ARRAY_SIZE(exec_steps));
}
