// SPDX-License-Identifier: LGPL-2.1-or-later
// bunk_exec(): starts another process in a running container: joins all namespaces at once, clones into its groups.
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "bunk/bunk.h"
#include "bunk/container/container.h"
#include "bunk/container/phase.h"
#include "bunk/container/pid_file.h"
#include "bunk/groups/groups.h"
#include "bunk/groups/scope.h"
#include "bunk/make/init.h"
#include "bunk/make/make.h"
#include "bunk/plan/plan.h"
#include "bunk/process/labels.h"
#include "bunk/process/listener.h"
#include "bunk/process/relay.h"
#include "bunk/read/config.h"
#include "bunk/read/reader.h"
#include "bunk/state/configure.h"
#include "bunk/state/state.h"
#include "sys/dbus.h"
#include "sys/fs.h"
#include "sys/proc.h"
#include "sys/pty.h"
#include "sys/userns.h"
#include "verbs.h"

static const char *keep_text(struct container *c, const char *text)
{
	return strcpy(pool_new(&c->config.pool, strlen(text) + 1, 1), text);
}

static int parse_id(const char *text, size_t n, uint32_t *id)
{
	auto_free char *part = mem_strndup(text, n);
	uint64_t value;

	if (str_to_u64(part, &value) < 0 || value >= UINT32_MAX)
		return -EINVAL;
	*id = (uint32_t)value;
	return 0;
}

// Strict: a name or a typo must never become user 0.
static int set_user(struct process_config *p, const char *user, struct err *e)
{
	size_t n = strcspn(user, ":");
	int r = parse_id(user, n, &p->uid);

	if (r == 0 && user[n])
		r = parse_id(user + n + 1, strlen(user + n + 1), &p->gid);
	return r < 0 ? err_msg(e, EINVAL, "--user: invalid user '%s' (numeric UID or UID:GID)", user) : 0;
}

static int set_groups(struct container *c, const struct strv *groups, struct err *e)
{
	struct process_config *p = &c->config.process;

	if (!groups->count)
		return 0;
	p->groups.items = pool_new(&c->config.pool, groups->count, sizeof(*p->groups.items));
	p->groups.count = groups->count;
	for (size_t i = 0; i < groups->count; i++)
		if (parse_id(groups->items[i], strlen(groups->items[i]), &p->groups.items[i]) < 0)
			return err_msg(e, EINVAL, "--additional-gids: invalid group '%s' (numeric GID)", groups->items[i]);
	return 0;
}

static struct texts add_texts(struct container *c, const struct texts *old, const struct strv *more)
{
	struct texts all = {.items = pool_new(&c->config.pool, old->count + more->count, sizeof(*all.items))};

	for (size_t i = 0; i < old->count; i++)
		all.items[all.count++] = old->items[i];
	for (size_t i = 0; i < more->count; i++)
		all.items[all.count++] = keep_text(c, more->items[i]);
	return all;
}

// A later NAME=VALUE replaces an earlier one.
static struct texts merge_env(struct container *c, const struct texts *old, const struct strv *more)
{
	struct texts all = {.items = pool_new(&c->config.pool, old->count + more->count, sizeof(*all.items))};

	for (size_t i = 0; i < old->count; i++) {
		size_t n = strcspn(old->items[i], "=");
		bool replaced = false;

		for (size_t k = 0; k < more->count; k++)
			replaced |= strncmp(more->items[k], old->items[i], n) == 0 && more->items[k][n] == '=';
		if (!replaced)
			all.items[all.count++] = old->items[i];
	}
	for (size_t i = 0; i < more->count; i++)
		all.items[all.count++] = keep_text(c, more->items[i]);
	return all;
}

static int check_env(const struct strv *env, struct err *e)
{
	for (size_t i = 0; i < env->count; i++)
		if (!strchr(env->items[i], '=') || env->items[i][0] == '=')
			return err_msg(e, EINVAL, "--env: invalid variable '%s' (NAME=VALUE)", env->items[i]);
	return 0;
}

// Applies options to the container's own process configuration.
static int process_from_options(struct container *c, const struct bunk_exec *o, struct err *e)
{
	struct process_config *p = &c->config.process;
	struct strv none = {0}, *caps = (struct strv *)(uintptr_t)&o->caps;
	struct texts empty = {0};

	if (!o->args || !o->args[0])
		return err_msg(e, EINVAL, "no program given");
	p->terminal = o->tty;
	for (p->args = add_texts(c, &empty, &none); o->args[p->args.count]; p->args.count++)
		;
	p->args.items = pool_new(&c->config.pool, p->args.count, sizeof(*p->args.items));
	for (size_t i = 0; i < p->args.count; i++)
		p->args.items[i] = keep_text(c, o->args[i]);
	if (o->cwd)
		p->cwd = keep_text(c, o->cwd);
	p->apparmor = o->apparmor ? keep_text(c, o->apparmor) : p->apparmor;
	p->selinux = o->label ? keep_text(c, o->label) : p->selinux;
	p->no_new_privileges |= o->no_new_privs;
	p->caps.bounding = add_texts(c, &p->caps.bounding, caps);
	p->caps.effective = add_texts(c, &p->caps.effective, caps);
	p->caps.permitted = add_texts(c, &p->caps.permitted, caps);
	// options never add inheritable capabilities (CVE-2022-29162); without them none can be ambient
	if (p->caps.inheritable.count)
		p->caps.ambient = add_texts(c, &p->caps.ambient, caps);
	int r = o->user ? set_user(p, o->user, e) : 0;
	if (r == 0)
		r = check_env(&o->env, e);
	p->env = merge_env(c, &p->env, &o->env);
	return r < 0 ? r : set_groups(c, &o->groups, e);
}

static int process_from_file(struct container *c, const struct bunk_exec *o, struct err *e)
{
	auto_free char *text = NULL;
	ssize_t n = fs_read_input(o->process, 16 << 20, &text, e);

	return n < 0 ? (int)n : config_parse_process(&c->config, "process", text, (size_t)n, e);
}

// Opened before this process joins the container's namespaces and loses access to the host.
struct entering {
	const struct bunk_exec *options;
	int pidfd, namespaces;
	int pair[2];
	int pidfd_socket;      // -1: none
	int child, master;     // pidfd of the new process, its terminal, -1: none
	struct dbus *manager;  // systemd, which moves the child into its groups if this process may not
};

// Compiles the container's filter, before its configuration is replaced by that of the process.
static int plan_filter(struct container *c, struct err *e)
{
	c->plan.config = &c->config;
	return plan_make_seccomp(&c->plan, e);
}

static int plan_policy(struct container *c, struct err *e)
{
	return plan_memory_policy(&c->plan, e);
}

static int plan_domain(struct container *c, struct err *e)
{
	return plan_personality(&c->plan, e);
}

static int read_process(struct container *c, struct err *e)
{
	const struct bunk_exec *o = c->entering->options;
	int r = o->process ? process_from_file(c, o, e) : process_from_options(c, o, e);

	if (r == 0 && o->tty)
		c->config.process.terminal = true;
	return r;
}

static int plan_process(struct container *c, struct err *e)
{
	int r = plan_make_process(&c->plan, &c->config.process, e);

	if (r == 0)
		configure_warn(c);
	return r;
}

// Sets *DIFFERENT to the namespaces of PID that are not this process's own: only those are joined, since joining one's
// own fails for some types. Afterwards checks that the process still exists: its pid may have been reused by a process
// that shares all namespaces with this one.
static int different_namespaces(pid_t pid, int pidfd, int *different, struct err *e)
{
	static const int flags[] = {CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET,    CLONE_NEWNS,
				    CLONE_NEWIPC,  CLONE_NEWUTS, CLONE_NEWCGROUP, CLONE_NEWTIME};
	struct pollfd end = {.fd = pidfd, .events = POLLIN};
	auto_free char *their_names = mem_printf("/proc/%d/ns", pid);
	auto_close int ours = open("/proc/self/ns", O_PATH | O_DIRECTORY | O_CLOEXEC);
	auto_close int theirs = open(their_names, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int r = ours < 0 || theirs < 0 ? -errno : 0;

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(flags); i++) {
		const char *name = plan_namespace_file(flags[i]);
		struct stat a, b;

		if (fstatat(ours, name, &b, 0) < 0)
			continue; // not supported by this kernel
		if (fstatat(theirs, name, &a, 0) < 0)
			r = -errno;
		else if (a.st_ino != b.st_ino || a.st_dev != b.st_dev)
			*different |= flags[i];
	}
	if (poll(&end, 1, 0) != 0)
		return err_msg(e, ESRCH, "it has exited");
	return r < 0 ? err_set(e, -r, "cannot read its namespaces") : 0;
}

static int set_oom_score(struct container *c, struct err *e)
{
	const struct number *score = &c->config.process.oom_score;
	auto_free char *text = mem_printf("%d", (int)score->value);
	int r = score->given ? fs_write_text(AT_FDCWD, "/proc/self/oom_score_adj", text) : 0;

	return r < 0 ? err_set(e, -r, "process.oomScoreAdj: cannot set it to %s", text) : 0;
}

static int open_groups(struct container *c, struct err *e)
{
	const struct bunk_exec *o = c->entering->options;
	bool plain = !o->cgroup || (!strstr(o->cgroup, "..") && o->cgroup[strspn(o->cgroup, "/")]);

	if (!plain)
		return err_msg(e, EINVAL, "--cgroup: invalid group '%s' (a path below the container's group)", o->cgroup);
	return groups_open(&c->groups, o->cgroup, e);
}

// cgroup-v2.rst "Delegation": moving a process needs write access to the common ancestor of both groups. An ordinary
// user's session is in a group that the user cannot write to; but the service manager that created the container's
// scope can move processes of the user.
static int connect_manager(struct container *c, struct err *e)
{
	(void)e;
	if (c->groups.scope && !userns_is_system_root() && !groups_may_enter(&c->groups) &&
	    scope_reach(&c->entering->manager, NULL) == 0)
		groups_stay_outside(&c->groups);
	return 0;
}

// execCPUAffinity.initial: applies to this process from now on, and to its child until that has joined the container's
// group and sets `final`.
static int set_initial_affinity(struct container *c, struct err *e)
{
	const struct plan_process *p = &c->plan.process;

	if (!p->initial_given || syscall(SYS_sched_setaffinity, 0, sizeof(p->initial), p->initial) >= 0)
		return 0;
	return err_set(e, errno, "process.execCPUAffinity.initial: cannot set it to '%s'", p->config->cpu_initial);
}

// If the container shares its mount namespace, joining it leads to that namespace's root: opens the container's own.
static int open_root(struct container *c, struct err *e)
{
	auto_free char *path = mem_printf("/proc/%d/root", c->state.pid);

	if (plan_wants_new(&c->config, CLONE_NEWNS))
		return 0;
	c->root_fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	// if the process has exited, its pid may have been reused
	return c->root_fd < 0 || pidfd_send_signal(c->entering->pidfd, 0, NULL, 0) < 0
	           ? err_set(e, errno, "cannot open its root")
	           : 0;
}

static int check_status(struct container *c, struct err *e)
{
	int pidfd = c->entering->pidfd = container_pidfd(c);
	enum bunk_status now = pidfd < 0 ? state_now(c) : state_alive(c);

	if (now != BUNK_RUNNING && now != BUNK_CREATED && !(now == BUNK_PAUSED && c->entering->options->ignore_paused))
		return err_msg(e, EINVAL, "it is %s", bunk_status_name(now));
	return pidfd < 0 ? err_msg(e, ESRCH, "it is not running") : 0;
}

static int connect_console(struct container *c, struct err *e)
{
	const struct bunk_exec *o = c->entering->options;

	return relay_console(c, o->console_socket, o->detach, c->entering->pair, e);
}

static int open_pid_file(struct container *c, struct err *e)
{
	return pid_file_open(&c->pid_file, c->entering->options->pid_file, e);
}

static int connect_pidfd_socket(struct container *c, struct err *e)
{
	const char *path = c->entering->options->pidfd_socket;

	return path ? c->entering->pidfd_socket = fd_connect(path, e) : 0;
}

static int find_namespaces(struct container *c, struct err *e)
{
	struct entering *in = c->entering;
	int r = different_namespaces(c->state.pid, in->pidfd, &in->namespaces, e);

	// a process outside a cgroup namespace cannot be moved by one inside: the child joins it after its groups
	if (in->namespaces & CLONE_NEWCGROUP)
		c->join_later = in->pidfd;
	in->namespaces &= ~CLONE_NEWCGROUP;
	return r;
}

// From here on this process sees the container's files, and uses only open descriptors. It stays in its own pid
// namespace, so the container's processes cannot see it. They see the child, which is not dumpable until execve, so
// that they cannot access its descriptors.
static int enter_namespaces(struct container *c, struct err *e)
{
	const struct entering *in = c->entering;

	prctl(PR_SET_DUMPABLE, 0);
	close(c->state_fd); // a process that may trace the child could open it
	c->state_fd = -1;
	if (in->namespaces && setns(in->pidfd, in->namespaces) < 0)
		return err_set(e, errno, "cannot join its namespaces");
	prctl(PR_SET_DUMPABLE, 0); // joining a user namespace may have reset it
	return 0;
}

static int clone_child(struct container *c, struct err *e)
{
	pid_t pid = process_clone(c, 0);

	// v2: the container uses child groups, so this one must not have processes (no internal process constraint)
	if (pid == -EBUSY && groups_descend(&c->groups, c->state.pid))
		pid = process_clone(c, 0);
	if (pid == 0)
		init_exec(c);
	close(c->sync[1]);
	c->sync[1] = -1;
	listener_leave(c);
	if (pid < 0) {
		err_set(e, -pid, "cannot create the process");
		return pid == -EACCES && c->groups.into >= 0
		           ? err_hint(e, "it needs a control group of this user: systemd-run --user --scope bunk exec …")
		           : pid;
	}
	c->pid = pid;
	c->entering->child = pidfd_open(pid, 0);
	return 0;
}

static int attach_to_scope(struct container *c, struct err *e)
{
	const struct entering *in = c->entering;

	return in->manager ? scope_attach(in->manager, &c->groups, in->options->cgroup, c->pid, e) : 0;
}

static int report_pidfd(struct container *c, struct err *e)
{
	return c->entering->pidfd_socket >= 0 ? send_pidfd(c->entering->pidfd_socket, c->pid, e) : 0;
}

static int write_pid_file(struct container *c, struct err *e)
{
	return pid_file_write(&c->pid_file, c->pid, e);
}

static int wait_start(struct container *c, struct err *e)
{
	const struct entering *in = c->entering;
	// otherwise a failed start is reported when it exits
	int r = in->options->detach || in->pair[0] >= 0 ? relay_interrupted(c, c->sync[0], -1, e) : 1;

	return r == 0 ? phase_wait_end(c->sync[0], e) : r < 0 ? r : 0;
}

static int receive_terminal(struct container *c, struct err *e)
{
	struct entering *in = c->entering;

	return in->pair[0] >= 0 ? in->master = relay_master(in->pair[0], e) : 0;
}

static const struct step preparing_steps[] = {
	{"checking its state", check_status},
	{"reading its configuration", state_load_config},
	{"compiling its filter", plan_filter},
	{"planning its memory policy", plan_policy},
	{"planning its personality", plan_domain},
	{"reading the process", read_process},
	{"planning the process", plan_process},
	{"opening its root", open_root},
	{"connecting to the console socket", connect_console},
	{"checking the pid file", open_pid_file},
	{"connecting to the pidfd socket", connect_pidfd_socket},
	{"opening its control groups", open_groups},
	{"connecting to systemd", connect_manager},
	{"setting the initial CPU affinity", set_initial_affinity},
	{"checking security modules", labels_prepare},
	{"connecting to the seccomp agent", listener_connect},
	{"setting the out-of-memory score", set_oom_score},
	{"connecting parent and child", step_sockets},
	{"reading its namespaces", find_namespaces},
};

// The child needs nothing between its two PHASE_GO messages, so both are sent early and it never waits.
static const struct step entering_steps[] = {
	{"joining its namespaces", enter_namespaces},
	{"cloning the child", clone_child},
	{"asking systemd for its control group", attach_to_scope},
	{"sending its pidfd", report_pidfd},
	{"letting the child continue", step_go},
	{"writing the pid file", write_pid_file},
	{"letting it start", step_go},
	{"waiting for its start", wait_start},
	{"receiving its terminal", receive_terminal},
};

static int undo_exec(struct container *c, int result)
{
	pid_file_undo(&c->pid_file);
	// it may be frozen, and its groups are not accessible from here: do not wait, it dies when it thaws
	if (c->pid > 0 && result == -EINTR)
		kill(c->pid, SIGKILL);
	else if (c->pid > 0)
		proc_end(c->pid);
	return result;
}

static int exec_process(struct container *c, struct err *e)
{
	struct entering *in = c->entering;
	int r = steps_do(c, preparing_steps, ARRAY_SIZE(preparing_steps), e);

	if (r < 0)
		return r;
	if (!in->options->detach)
		relay_block(c);
	r = steps_do(c, entering_steps, ARRAY_SIZE(entering_steps), e);
	if (r < 0)
		return undo_exec(c, r);
	if (in->options->detach)
		return 0;
	r = relay_wait(c, c->pid, in->child, &in->master, e);
	int failed = phase_failure(c->sync[0], e);
	return failed < 0 ? failed : r;
}

int bunk_exec(const struct bunk *b, const struct bunk_exec *o, struct err *e)
{
	struct entering in = {.options = o, .pidfd = -1, .pair = {-1, -1}, .pidfd_socket = -1, .child = -1, .master = -1};
	struct container c;

	container_init(&c, b, o->id);
	c.exec = true;
	c.entering = &in;
	int r = container_keep(&c, o->preserve_fds, e);
	if (r == 0)
		r = state_open(&c, STATE_READ, e);
	if (r == 0 && (r = exec_process(&c, e)) < 0)
		err_wrap(e, "container '%s'", o->id);
	dbus_free(in.manager);
	container_done(&c);
	const int descriptors[] = {in.pidfd, in.pair[0], in.pidfd_socket, in.child, in.master};
	for (size_t i = 0; i < ARRAY_SIZE(descriptors); i++)
		if (descriptors[i] >= 0)
			close(descriptors[i]);
	return r;
}
