// SPDX-License-Identifier: LGPL-2.1-or-later
// Sets up the process that the configuration describes: limits, working directory, user, capabilities, filter,
// program. Everything here runs inside the container's root, whose files are hostile.
#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/magic.h>
#include <linux/mount.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "bunk/container/container.h"
#include "bunk/filter/filter.h"
#include "bunk/plan/caps.h"
#include "bunk/plan/plan.h"
#include "bunk/read/config.h"
#include "labels.h"
#include "listener.h"
#include "program.h"
#include "reaper.h"
#include "sys/fs.h"

enum { PASSWD_LIMIT = 16 << 20 }; // bytes

static const struct process_config *process_of(const struct container *c)
{
	return c->plan.process.config;
}

static const char *env_value(const struct process_config *p, const char *name)
{
	size_t n = strlen(name);

	for (size_t i = p->env.count; i-- > 0;) // the last one wins
		if (strncmp(p->env.items[i], name, n) == 0 && p->env.items[i][n] == '=')
			return p->env.items[i] + n + 1;
	return NULL;
}

// Whether the I-th environment variable is set again later in the list. Programs disagree on which one wins, so only
// the last is kept.
static bool is_replaced(const struct process_config *p, size_t i)
{
	size_t n = strcspn(p->env.items[i], "=");

	for (size_t k = i + 1; p->env.items[i][n] && k < p->env.count; k++)
		if (strncmp(p->env.items[k], p->env.items[i], n + 1) == 0)
			return true;
	return false;
}

static int try_program(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	return faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) < 0 ? -errno : 0;
}

char *process_find(const struct process_config *p, struct err *e)
{
	const char *name = p->args.items[0], *path = env_value(p, "PATH");
	auto_strv folders = {0};
	int r;

	if (strchr(name, '/')) {
		r = try_program(name);
		return r < 0 ? program_refused(name, -r, e), NULL : mem_strdup(name);
	}
	strv_split(&folders, path ? path : "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", ":");
	r = -ENOENT;
	for (size_t i = 0; i < folders.count; i++) {
		auto_free char *full = mem_printf("%s/%s", folders.items[i], name);
		int found = try_program(full);

		if (found == 0)
			return steal(full);
		if (found == -EACCES)
			r = found;
	}
	err_set(e, -r, "process.args[0]: cannot execute '%s' (searched PATH)", name);
	err_not_executed(e);
	return NULL;
}

static int set_limits(const struct container *c, struct err *e)
{
	const struct plan_process *p = &c->plan.process;

	for (size_t i = 0; i < p->rlimit_count; i++)
		if (setrlimit((__rlimit_resource_t)p->rlimits[i].resource, &p->rlimits[i].limit) < 0)
			return err_set(e, errno, "process.rlimits: cannot set %s to %llu/%llu", p->config->rlimits.items[i].type,
			               (unsigned long long)p->rlimits[i].limit.rlim_cur,
			               (unsigned long long)p->rlimits[i].limit.rlim_max);
	return 0;
}

static int set_io_priority(const struct container *c, struct err *e)
{
	if (c->plan.process.io_priority && syscall(SYS_ioprio_set, 1, 0, c->plan.process.io_priority) < 0)
		return err_set(e, errno, "process.ioPriority: cannot set it");
	return 0;
}

static int set_priority(const struct container *c, struct err *e)
{
	const struct process_config *p = process_of(c);
	int r = set_io_priority(c, e);

	if (r < 0)
		return r;
	if (c->plan.process.scheduler.size && syscall(SYS_sched_setattr, 0, &c->plan.process.scheduler, 0) < 0)
		return err_set(e, errno, "process.scheduler: cannot set policy %s", p->scheduler.policy);
	return 0;
}

// execCPUAffinity.final, or else all CPUs that the control group allows, whatever the affinity of the caller or
// `initial`.
static int set_affinity(const struct container *c, struct err *e)
{
	static const unsigned long all[PLAN_CPUS / 8 / sizeof(long)] = {[0 ... PLAN_CPUS / 8 / sizeof(long) - 1] = ~0ul};
	const struct plan_process *p = &c->plan.process;
	bool final = c->exec && p->final_given;

	if (syscall(SYS_sched_setaffinity, 0, sizeof(all), final ? p->final : all) >= 0 ||
	    !(c->exec && (final || p->initial_given)))
		return 0;
	return err_set(e, errno, "process.execCPUAffinity.final: cannot set it to '%s'",
	               p->final_given ? p->config->cpu_final : "all");
}

static int set_memory_policy(const struct container *c, struct err *e)
{
	const struct plan *plan = &c->plan;

	if (!c->config.memory_policy.given)
		return 0;
	if (syscall(SYS_set_mempolicy, plan->memory_mode, plan->memory_nodes_given ? plan->memory_nodes : NULL,
		    plan->memory_nodes_given ? PLAN_NODES : 0) == 0)
		return 0;
	return err_set(e, errno, "linux.memoryPolicy: cannot set %s", c->config.memory_policy.mode);
}

// A working directory outside the root, reached through a leaked descriptor, would be an escape (CVE-2024-21626).
static int enter_directory(const char *path, struct err *e)
{
	char inside[4096];

	if (chdir(path) < 0)
		return err_set(e, errno, "process.cwd: cannot change to '%s'", path);
	if (syscall(SYS_getcwd, inside, sizeof(inside)) < 0 || inside[0] != '/')
		return err_msg(e, EPERM, "process.cwd: '%s' leads out of the container", path);
	return 0;
}

static bool all_are(const struct process_config *p, gid_t gid)
{
	for (size_t i = 0; i < p->groups.count; i++)
		if (p->groups.items[i] != gid)
			return false;
	return true;
}

// crun's annotation, which engines use to keep an ordinary user's own groups (podman --group-add keep-groups).
bool process_keeps_groups(const struct container *c)
{
	for (size_t i = 0; i < c->config.annotations.count; i++)
		if (str_equal(c->config.annotations.items[i].name, "run.oci.keep_original_groups"))
			return str_equal(c->config.annotations.items[i].value, "1");
	return false;
}

static int set_groups(const struct container *c, struct err *e)
{
	const struct process_config *p = process_of(c);

	if (process_keeps_groups(c))
		return 0;
	// in a user namespace with a single id setgroups(2) is denied; harmless if only the own group is requested
	if (setgroups(p->groups.count, p->groups.items) == 0 || (errno == EPERM && all_are(p, p->gid)))
		return 0;
	return err_set(e, errno, "process.user.additionalGids: cannot set them");
}

// Opening /dev/stdout reopens the pipe, so its owner must be the process's user. Files of the host keep their owner.
static void own_pipes(uid_t uid)
{
	struct stat st;

	for (int fd = 0; fd < 3; fd++)
		if (fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode) && st.st_uid != uid)
			(void)!fchown(fd, uid, (gid_t)-1);
}

int process_inherit(const struct container *c, struct err *e)
{
	int r = set_io_priority(c, e);

	uid_t uid = process_of(c)->uid;

	own_pipes(plan_has_own(&c->plan, CLONE_NEWUSER) ? id_maps_outside(&c->config.uids, uid) : uid);
	if (r == 0)
		r = set_memory_policy(c, e);
	if (r == 0 && process_of(c)->no_new_privileges && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		r = err_set(e, errno, "process.noNewPrivileges: cannot set it");
	return r;
}

static int change_identity(const struct container *c, struct err *e)
{
	const struct process_config *p = process_of(c);
	struct err no_directory = {0};
	// first: a filter may deny chdir()
	bool entered = c->in_directory || enter_directory(p->cwd, &no_directory) == 0;

	if (no_directory.code && no_directory.code != EACCES)
		return err_msg(e, no_directory.code, "%s", no_directory.text);
	int r = caps_limit(&c->plan.process.caps, e);
	if (r == 0)
		own_pipes(p->uid);
	if (r == 0)
		r = set_groups(c, e);
	if (r < 0)
		return r;
	if (p->uid != 0) // root keeps its capabilities anyway
		prctl(PR_SET_KEEPCAPS, 1);
	if (setresgid(p->gid, p->gid, p->gid) < 0 || setresuid(p->uid, p->uid, p->uid) < 0)
		return err_set(e, errno, "process.user: cannot become %u:%u (are they mapped?)", p->uid, p->gid);
	if (p->uid != 0)
		prctl(PR_SET_KEEPCAPS, 0);
	r = caps_apply(&c->plan.process.caps, e);
	return r < 0 || entered ? r : enter_directory(p->cwd, e);
}

// Without no-new-privileges loading a filter needs privileges: then they are dropped only after the filter is loaded,
// after the start.
static bool identity_is_late(const struct container *c)
{
	return c->plan.filter.program.len && !process_of(c)->no_new_privileges;
}

int process_prepare(struct container *c, struct err *e)
{
	const struct process_config *p = process_of(c);

	// in a shared pid namespace other processes see this one wait, soon with no more capabilities than theirs and
	// no filter yet: they must not be able to trace it
	if (!plan_is_new(&c->plan, CLONE_NEWPID))
		prctl(PR_SET_DUMPABLE, 0);
	int r = set_limits(c, e);

	if (r == 0)
		r = set_priority(c, e);
	if (r == 0)
		r = set_affinity(c, e);
	if (r == 0)
		r = set_memory_policy(c, e);
	if (r == 0 && c->plan.personality_given && personality(c->plan.personality) < 0)
		r = err_set(e, errno, "linux.personality.domain: cannot set '%s'", c->config.personality);
	if (r == 0)
		r = identity_is_late(c) ? enter_directory(p->cwd, e) : change_identity(c, e);
	if (r < 0)
		return r;
	c->in_directory = true;
	if (p->no_new_privileges && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return err_set(e, errno, "process.noNewPrivileges: cannot set it");
	umask(p->umask.given ? (mode_t)p->umask.value : 022);
	c->program = process_find(p, e);
	// used only if execve() fails, when the filter may deny reading the file
	c->program_trouble = c->program ? program_trouble(c->program) : NULL;
	return c->program ? 0 : -e->code;
}

static int by_number(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

void close_all_but(unsigned first, int *kept, size_t count)
{
	qsort(kept, count, sizeof(*kept), by_number);
	for (size_t i = 0; i < count; i++) {
		if (kept[i] < (int)first)
			continue;
		if (kept[i] > (int)first)
			close_range(first, (unsigned)kept[i] - 1, 0);
		first = (unsigned)kept[i] + 1;
	}
	close_range(first, ~0u, 0);
}

// The home directory in LINE of passwd(5) if the line is UID's, owned; else NULL.
static char *home_in(const char *line, size_t length, uid_t uid)
{
	auto_free char *copy = mem_strndup(line, length);
	char *field[7] = {copy};
	size_t n = 1;
	uint64_t number;

	for (char *p = copy; *p && n < ARRAY_SIZE(field); p++)
		if (*p == ':') {
			*p = '\0';
			field[n++] = p + 1;
		}
	bool found = n == ARRAY_SIZE(field) && str_to_u64(field[2], &number) == 0 && number == uid && field[5][0] == '/';
	return found ? mem_strdup(field[5]) : NULL;
}

static char *home_of(uid_t uid)
{
	auto_close int fd = open("/etc/passwd", O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	auto_free char *text = NULL;
	char *home = NULL;

	// only a regular file: reading a pipe or a device might never end
	if (fd >= 0 && fs_read_open(fd, "/etc/passwd", PASSWD_LIMIT, &text, NULL) >= 0)
		for (const char *line = text; !home && *line; line += strcspn(line, "\n"), line += *line == '\n')
			home = home_in(line, strcspn(line, "\n"), uid);
	return home ? home : mem_strdup("/");
}

static char *listen_pid(void)
{
	return mem_printf("LISTEN_PID=%d", getpid());
}

// sd_listen_fds(3): the pid that the sockets are for, their number and names.
static size_t add_sockets(const struct container *c, char **env)
{
	size_t n = 0;

	if (!c->listen_fds)
		return 0;
	env[n++] = listen_pid();
	env[n++] = mem_printf("LISTEN_FDS=%u", c->listen_fds);
	if (c->listen_names)
		env[n++] = mem_printf("LISTEN_FDNAMES=%s", c->listen_names);
	return n;
}

static char **make_environment(const struct container *c)
{
	const struct process_config *p = process_of(c);
	char **env = mem_array(p->env.count + 5, sizeof(*env));
	size_t n = add_sockets(c, env);

	const char *given = env_value(p, "HOME");
	bool no_home = !given || !*given;

	for (size_t i = 0; i < p->env.count; i++)
		if (!is_replaced(p, i) && !(c->listen_fds && str_starts(p->env.items[i], "LISTEN_")) &&
		    !(no_home && str_starts(p->env.items[i], "HOME=")))
			env[n++] = (char *)(uintptr_t)p->env.items[i];
	if (no_home) {
		auto_free char *home = home_of(p->uid);
		env[n++] = mem_printf("HOME=%s", home);
	}
	return env;
}

int process_confine(const struct container *c, struct err *e)
{
	int r = filter_load(&c->plan.filter, e);

	return r >= 0 && identity_is_late(c) ? change_identity(c, e) : r;
}

int process_execute(struct container *c, struct err *e)
{
	const struct process_config *p = process_of(c);
	char **args = mem_array(p->args.count + 1, sizeof(*args));
	char **env = make_environment(c);
	int r = 0;

	for (size_t i = 0; i < p->args.count; i++)
		args[i] = (char *)(uintptr_t)p->args.items[i];
	r = labels_write(c, e); // takes effect at execve; hooks have run without it
	if (r < 0)
		return r;
	int kept[] = {c->reply, c->listener};
	close_all_but(3 + c->preserve_fds, kept, ARRAY_SIZE(kept));
	r = filter_load(&c->plan.filter, e);
	if (r >= 0 && c->plan.filter.notify)
		r = listener_hand_over(c, r, e);
	if (r == 0 && identity_is_late(c))
		r = change_identity(c, e);
	if (r == 0 && reaper_is_wanted(c))
		r = reaper_split(e);
	if (r == 0 && c->listen_fds)
		env[0] = listen_pid(); // after the split: add_sockets() wrote it first
	if (r < 0)
		return r;
	execve(c->program, args, env);
	int code = errno;
	return program_failed(c->program, code == ENOENT || code == ENOEXEC || code == EACCES ? c->program_trouble : NULL,
	                      code, e);
}
