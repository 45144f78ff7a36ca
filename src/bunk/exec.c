// SPDX-License-Identifier: LGPL-2.1-or-later
// One more process in a running container: what it is to be, joining the namespaces at once, cloning into the groups.
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
#include "bunk/caps.h"
#include "bunk/container.h"
#include "bunk/filter.h"
#include "bunk/reader.h"
#include "sys/dbus.h"
#include "sys/fs.h"
#include "sys/pty.h"

static const char *keep(struct container *c, const char *text)
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

// Strict: a name or a slip must never become user 0.
static int set_user(struct process_config *p, const char *user, struct err *e)
{
	size_t n = strcspn(user, ":");
	int r = parse_id(user, n, &p->uid);

	if (r == 0 && user[n])
		r = parse_id(user + n + 1, strlen(user + n + 1), &p->gid);
	return r < 0 ? err_msg(e, EINVAL, "--user: '%s' is not UID or UID:GID, in numbers", user) : 0;
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
			return err_msg(e, EINVAL, "--additional-gids: '%s' is not a number", groups->items[i]);
	return 0;
}

static struct texts add_texts(struct container *c, const struct texts *old, const struct strv *more)
{
	struct texts all = {.items = pool_new(&c->config.pool, old->count + more->count, sizeof(*all.items))};

	for (size_t i = 0; i < old->count; i++)
		all.items[all.count++] = old->items[i];
	for (size_t i = 0; i < more->count; i++)
		all.items[all.count++] = keep(c, more->items[i]);
	return all;
}

// A later NAME=VALUE takes the place of an earlier one.
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
		all.items[all.count++] = keep(c, more->items[i]);
	return all;
}

static int check_env(const struct strv *env, struct err *e)
{
	for (size_t i = 0; i < env->count; i++)
		if (!strchr(env->items[i], '=') || env->items[i][0] == '=')
			return err_msg(e, EINVAL, "--env: '%s' is not NAME=VALUE", env->items[i]);
	return 0;
}

// Options over the container's own process.
static int from_options(struct container *c, const struct bunk_exec *o, struct err *e)
{
	struct process_config *p = &c->config.process;
	struct strv none = {0}, *caps = (struct strv *)(uintptr_t)&o->caps;
	struct texts empty = {0};

	if (!o->args || !o->args[0])
		return err_msg(e, EINVAL, "no program is given to execute");
	p->terminal = o->tty;
	for (p->args = add_texts(c, &empty, &none); o->args[p->args.count]; p->args.count++)
		;
	p->args.items = pool_new(&c->config.pool, p->args.count, sizeof(*p->args.items));
	for (size_t i = 0; i < p->args.count; i++)
		p->args.items[i] = keep(c, o->args[i]);
	if (o->cwd)
		p->cwd = keep(c, o->cwd);
	p->apparmor = o->apparmor ? keep(c, o->apparmor) : p->apparmor;
	p->selinux = o->label ? keep(c, o->label) : p->selinux;
	p->no_new_privileges |= o->no_new_privs;
	p->caps.bounding = add_texts(c, &p->caps.bounding, caps);
	p->caps.effective = add_texts(c, &p->caps.effective, caps);
	p->caps.permitted = add_texts(c, &p->caps.permitted, caps);
	if (p->caps.inheritable.count) // nothing becomes inheritable by an option (CVE-2022-29162), and what is not cannot be ambient
		p->caps.ambient = add_texts(c, &p->caps.ambient, caps);
	int r = o->user ? set_user(p, o->user, e) : 0;
	if (r == 0)
		r = check_env(&o->env, e);
	p->env = merge_env(c, &p->env, &o->env);
	return r < 0 ? r : set_groups(c, &o->groups, e);
}

static int from_file(struct container *c, const struct bunk_exec *o, struct err *e)
{
	auto_free char *text = NULL;
	ssize_t n = fs_read_input(o->process, 16 << 20, &text, e);

	return n < 0 ? (int)n : config_parse_process(&c->config, "process", text, (size_t)n, e);
}

static int plan_exec(struct container *c, const struct bunk_exec *o, struct err *e)
{
	int r = state_load_config(c, e);

	// the filter is the container's, compiled before its profile goes
	c->plan.config = &c->config;
	if (r == 0)
		r = plan_make_seccomp(&c->plan, e);
	if (r == 0)
		r = plan_memory_policy(&c->plan, e);
	if (r == 0)
		r = plan_personality(&c->plan, e);
	if (r == 0)
		r = o->process ? from_file(c, o, e) : from_options(c, o, e);
	if (r == 0 && o->tty)
		c->config.process.terminal = true;
	if (r == 0)
		r = plan_make_process(&c->plan, &c->config.process, e);
	if (r == 0)
		configure_warn(c);
	return r;
}

// Joining a namespace one is in already is refused for some kinds; only those that differ are joined. The names in /proc are the process's own
// as long as its descriptor says that it lives: one that has ended meanwhile must not look like one that shares everything with this process.
static int different_namespaces(pid_t pid, int pidfd, int *different, struct err *e)
{
	static const int flags[] = {CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET,    CLONE_NEWNS,
				    CLONE_NEWIPC,  CLONE_NEWUTS, CLONE_NEWCGROUP, CLONE_NEWTIME};
	struct pollfd end = {.fd = pidfd, .events = POLLIN};
	int r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(flags); i++) {
		auto_free char *theirs = mem_printf("/proc/%d/ns/%s", pid, plan_namespace_file(flags[i]));
		auto_free char *ours = mem_printf("/proc/self/ns/%s", plan_namespace_file(flags[i]));
		struct stat a, b;

		if (stat(ours, &b) < 0)
			continue; // this kernel has no such namespaces
		if (stat(theirs, &a) < 0)
			r = -errno;
		else if (a.st_ino != b.st_ino || a.st_dev != b.st_dev)
			*different |= flags[i];
	}
	if (poll(&end, 1, 0) != 0)
		return err_msg(e, ESRCH, "it has ended");
	return r < 0 ? err_set(e, -r, "cannot look at its namespaces") : 0;
}

// What has to be opened or set before this process can no longer see the host.
struct outside {
	int pidfd, namespaces;
	int pair[2];
	int pidfd_socket; // -1: none
	struct dbus *manager; // who can put the child into its groups, when this process may not
};

static int set_oom_score(const struct container *c, struct err *e)
{
	const struct number *score = &c->config.process.oom_score;
	auto_free char *text = mem_printf("%d", (int)score->value);
	int r = score->given ? fs_write_text(AT_FDCWD, "/proc/self/oom_score_adj", text) : 0;

	return r < 0 ? err_set(e, -r, "process.oomScoreAdj: cannot set it to %s", text) : 0;
}

static int open_groups(struct container *c, const struct bunk_exec *o, struct err *e)
{
	bool plain = !o->cgroup || (!strstr(o->cgroup, "..") && o->cgroup[strspn(o->cgroup, "/")]);

	if (!plain)
		return err_msg(e, EINVAL, "--cgroup: '%s' is not a group below the container's", o->cgroup);
	return groups_open(&c->groups, o->cgroup, e);
}

// cgroup-v2.rst "Delegation": who moves a process must be allowed to write to what both groups have in common. An ordinary user's session is
// in a group that is not the user's; the service manager that made the container's can move a process of the user all the same.
static void reach_manager(struct container *c, struct outside *out)
{
	if (c->groups.scope && !is_system_root() && !groups_may_enter(&c->groups) && scope_reach(&out->manager, NULL) == 0)
		groups_stay_outside(&c->groups);
}

// execCPUAffinity.initial: where this process runs from now on, and its child until it is in the container's group and takes `final`.
static int set_initial_affinity(const struct plan_process *p, struct err *e)
{
	if (!p->initial_given || syscall(SYS_sched_setaffinity, 0, sizeof(p->initial), p->initial) >= 0)
		return 0;
	return err_set(e, errno, "process.execCPUAffinity.initial: cannot run on '%s'", p->config->cpu_initial);
}

// Where the container shares its mounts with others, joining them leads to their root: its own is remembered.
static int open_root(struct container *c, int pidfd, struct err *e)
{
	auto_free char *path = mem_printf("/proc/%d/root", c->state.pid);

	if (plan_wants_new(&c->config, CLONE_NEWNS))
		return 0;
	c->root_fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	// it was that process's only if it lives still
	return c->root_fd < 0 || pidfd_send_signal(pidfd, 0, NULL, 0) < 0 ? err_set(e, errno, "cannot open its root") : 0;
}

static int prepare(struct container *c, const struct bunk_exec *o, struct outside *out, struct err *e)
{
	enum bunk_status now = state_now(c);

	if (now != BUNK_RUNNING && now != BUNK_CREATED && !(now == BUNK_PAUSED && o->ignore_paused))
		return err_msg(e, EINVAL, "it is %s", bunk_status_name(now));
	out->pidfd = container_pidfd(c);
	if (out->pidfd < 0)
		return err_msg(e, ESRCH, "it does not run");
	int r = plan_exec(c, o, e);
	if (r == 0)
		r = open_root(c, out->pidfd, e);
	if (r == 0)
		r = relay_console(c, o->console_socket, o->detach, out->pair, e);
	if (r == 0)
		r = pid_file_open(&c->pid_file, o->pid_file, e);
	if (r == 0 && o->pidfd_socket)
		r = out->pidfd_socket = fd_connect(o->pidfd_socket, e);
	if (r >= 0)
		r = open_groups(c, o, e);
	if (r == 0)
		reach_manager(c, out);
	if (r == 0)
		r = set_initial_affinity(&c->plan.process, e);
	if (r == 0)
		r = labels_prepare(c, e);
	if (r == 0)
		r = listener_connect(c, e);
	if (r == 0)
		r = set_oom_score(c, e);
	if (r == 0 && socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, c->sync) < 0)
		r = err_set(e, errno, "cannot make a socket pair");
	if (r == 0)
		r = different_namespaces(c->state.pid, out->pidfd, &out->namespaces, e);
	// who is inside a cgroup namespace may not be moved there from outside: the child joins it, when it is in its groups
	if (out->namespaces & CLONE_NEWCGROUP)
		c->join_later = out->pidfd;
	out->namespaces &= ~CLONE_NEWCGROUP;
	return r;
}

// From here on this process sees the container's files, and only talks to descriptors that it holds. It stays in its own pid namespace, so
// nobody inside can see it; the child, which they can see, is not dumpable until it executes: none of its descriptors can be taken.
static pid_t enter(struct container *c, const struct outside *out, struct err *e)
{
	prctl(PR_SET_DUMPABLE, 0);
	close(c->state_fd); // the child is seen inside from its first moment, and who may trace it can open what it holds
	c->state_fd = -1;
	if (out->namespaces && setns(out->pidfd, out->namespaces) < 0)
		return err_set(e, errno, "cannot join its namespaces");
	prctl(PR_SET_DUMPABLE, 0); // joining a user namespace may have set it again
	pid_t pid = process_clone(c, 0);
	if (pid == -EBUSY && groups_descend(&c->groups, c->state.pid)) // v2: processes have moved to groups below, and this one takes none any more
		pid = process_clone(c, 0);
	if (pid == 0)
		init_exec(c);
	close(c->sync[1]);
	c->sync[1] = -1;
	listener_leave(c);
	if (pid >= 0)
		return pid;
	err_set(e, -pid, "cannot make the process");
	return pid == -EACCES && c->groups.into >= 0 ? err_hint(e, "from a control group of one's own it works: systemd-run --user --scope bunk exec …") : pid;
}

// Nothing has to be done for the child in between, so it gets both signs at once and never waits.
static int bring_up(struct container *c, const struct bunk_exec *o, const struct outside *out, pid_t pid, struct err *e)
{
	bool wait = o->detach || out->pair[0] >= 0; // else its end tells whether it began
	int r = phase_go(c->sync[0], pid, e);

	if (r == 0)
		r = pid_file_write(&c->pid_file, pid, e);
	if (r == 0)
		r = phase_go(c->sync[0], 0, e);
	if (r == 0 && wait && (r = relay_interrupted(c, c->sync[0], -1, e)) == 0)
		r = phase_wait_end(c->sync[0], e);
	if (r < 0)
		pid_file_undo(&c->pid_file);
	return r;
}

static int exec(struct container *c, const struct bunk_exec *o, struct outside *out, struct err *e)
{
	int r = prepare(c, o, out, e);

	if (r < 0)
		return r;
	if (!o->detach)
		relay_block(c);
	pid_t pid = enter(c, out, e);
	if (pid < 0)
		return pid;
	auto_close int pidfd = pidfd_open(pid, 0);
	r = out->manager ? scope_attach(out->manager, &c->groups, o->cgroup, pid, e) : 0;
	if (r == 0 && out->pidfd_socket >= 0)
		r = send_pidfd(out->pidfd_socket, pid, e);
	if (r == 0)
		r = bring_up(c, o, out, pid, e);
	auto_close int master = r == 0 && out->pair[0] >= 0 ? relay_master(out->pair[0], e) : -1;
	if (r == 0 && out->pair[0] >= 0 && master < 0)
		r = master;
	if (r == -EINTR) // frozen, perhaps, and its groups cannot be reached from here: it dies when it thaws
		return kill(pid, SIGKILL), r;
	if (r < 0) {
		process_end(pid, NULL);
		return r;
	}
	if (o->detach)
		return 0;
	r = relay_wait(pid, pidfd, &master, e);
	int failed = phase_failure(c->sync[0], e);
	return failed < 0 ? failed : r;
}

int bunk_exec(const struct bunk *b, const struct bunk_exec *o, struct err *e)
{
	struct outside out = {.pidfd = -1, .pair = {-1, -1}, .pidfd_socket = -1};
	struct container c;

	container_init(&c, b, o->id);
	c.exec = true;
	int r = container_keep(&c, o->preserve_fds, e);
	if (r == 0)
		r = state_open(&c, STATE_READ, e);
	if (r == 0 && (r = exec(&c, o, &out, e)) < 0)
		err_wrap(e, "container '%s'", o->id);
	dbus_free(out.manager);
	container_done(&c);
	const int open_ones[] = {out.pidfd, out.pair[0], out.pidfd_socket};
	for (size_t i = 0; i < ARRAY_SIZE(open_ones); i++)
		if (open_ones[i] >= 0)
			close(open_ones[i]);
	return r;
}
