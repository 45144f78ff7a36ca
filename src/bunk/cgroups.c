// SPDX-License-Identifier: LGPL-2.1-or-later
// A container's control groups: making, joining, freezing, killing, removing (cgroup-v1, cgroup-v2 of the kernel's admin guide).
// Must not know what limits there are; see limits.c.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "bunk/container.h"
#include "sys/fs.h"
#include "sys/proc.h"

#define PATIENCE (10 * INT64_C(1000000000)) // nanoseconds until an unkillable or unfreezable process is given up

// What hostel and engines read, and what stops and kills; the others only with a limit (joining one costs up to 0.3 ms).
static const enum cgroup_controller always[] = {CGROUP_CPU, CGROUP_CPUACCT, CGROUP_MEMORY, CGROUP_PIDS, CGROUP_BLKIO, CGROUP_FREEZER};

static bool has_directory(const struct groups *g, const char *directory)
{
	for (size_t i = 0; i < g->joined.count; i++)
		if (str_equal(g->joined.items[i], directory))
			return true;
	return false;
}

static void plan_v1(struct groups *g, const char *group, unsigned wanted)
{
	for (size_t i = 0; i < ARRAY_SIZE(always); i++)
		wanted |= 1u << always[i];
	for (int k = 0; k < CGROUP_CONTROLLERS; k++) {
		if (!(wanted & 1u << k) || !g->layout.v1[k])
			continue;
		auto_free char *directory = cgroup_directory(&g->layout, (enum cgroup_controller)k, group);
		if (!directory)
			continue;
		if (k == CGROUP_FREEZER)
			g->freezer = mem_strdup(directory);
		if (!has_directory(g, directory)) // cpu and cpuacct may be one hierarchy
			strv_add(&g->joined, directory);
	}
}

static int check_group(const char *group, struct err *e)
{
	auto_strv parts = {0};

	strv_split(&parts, group, "/");
	bool bad = parts.count == 0 || strchr(group, '\n') || strlen(group) > 3000;
	for (size_t i = 0; i < parts.count; i++)
		bad |= str_equal(parts.items[i], ".") || str_equal(parts.items[i], "..");
	return bad ? err_msg(e, EINVAL, "config.json: linux.cgroupsPath: '%s' does not name a control group below the root", group) : 0;
}

static bool may_use(const struct groups *g, const char *group)
{
	auto_free char *directory = cgroup_directory(&g->layout, CGROUP_MEMORY, group);
	auto_free char *file = directory ? mem_printf("%s/cgroup.procs", directory) : NULL;

	return file && faccessat(AT_FDCWD, directory, W_OK | X_OK, AT_EACCESS) == 0 && faccessat(AT_FDCWD, file, W_OK, AT_EACCESS) == 0;
}

// What was delegated to an ordinary user (cgroup-v2.rst "Delegation"): the highest group above this process that the user may write to.
// Root's is the root, written "".
static char *own_subtree(const struct groups *g)
{
	auto_free char *group = geteuid() && g->v2 ? cgroup_of_process(&g->layout, getpid(), CGROUP_MEMORY) : NULL;
	char *found = mem_strdup("");

	while (group && *group && may_use(g, group)) {
		char *slash = strrchr(group, '/');

		free(found);
		found = mem_strdup(group);
		if (!slash)
			break;
		*slash = '\0';
	}
	return found;
}

// "slice:prefix:name", as engines write it for systemd, is the scope's place in the tree; a relative path is below what is our own.
static char *group_of(const struct container *c)
{
	const char *path = c->config.cgroups_path;
	auto_strv parts = {0};

	if (path && path[0] == '/')
		return mem_strdup(path);
	if (path)
		strv_split(&parts, path, ":");
	if (parts.count == 3 && !strchr(path, '/'))
		return mem_printf("/%s/%s-%s.scope", parts.items[0], parts.items[1], parts.items[2]);
	auto_free char *own = own_subtree(&c->groups);
	return path && *path ? mem_printf("%s/%s", own, path) : mem_printf("%s/bunk-%s", own, c->id);
}

int groups_plan(struct container *c, struct err *e)
{
	struct groups *g = &c->groups;

	if (c->b->cgroups == BUNK_CGROUPS_DISABLED)
		return 0;
	int r = cgroup_layout_read(&g->layout, e);
	if (r < 0)
		return r;
	g->v2 = g->layout.mode == CGROUP_V2;
	auto_free char *group = group_of(c);
	r = check_group(group, e);
	if (r < 0)
		return r;
	if (!g->v2) {
		plan_v1(g, group, limits_controllers(&c->config.resources));
		return 0;
	}
	auto_free char *directory = cgroup_directory(&g->layout, CGROUP_MEMORY, group);
	if (directory) {
		strv_add(&g->joined, directory);
		g->freezer = mem_strdup(directory);
	}
	return 0;
}

// A new v1 cpuset allows nothing and cannot be joined until it is given what its parent has.
static void inherit_cpuset(const char *directory)
{
	static const char *const files[] = {"cpuset.cpus", "cpuset.mems"};
	auto_close int here = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	auto_close int above = here < 0 ? -1 : openat(here, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);

	for (size_t i = 0; above >= 0 && i < ARRAY_SIZE(files); i++) {
		char text[4096];

		if (proc_read_file_at(here, files[i], text, sizeof(text)) <= 1 && proc_read_file_at(above, files[i], text, sizeof(text)) > 0)
			fs_write_text(here, files[i], text);
	}
}

static void enable_controllers(const char *directory)
{
	static const char *const wanted[] = {"+cpu", "+memory", "+pids", "+io", "+cpuset"};
	auto_close int fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);

	// each alone: one that is not there must not take the others with it; a limit that needs it says so itself
	for (size_t i = 0; fd >= 0 && i < ARRAY_SIZE(wanted); i++)
		fs_write_text(fd, "cgroup.subtree_control", wanted[i]);
}

// Groups above the container's own are marked when bunk makes them, so that whoever removes the last container removes them too.
static int make_level(const char *directory, bool v2, bool leaf)
{
	if (mkdir(directory, 0755) < 0)
		return errno == EEXIST ? 0 : -errno;
	if (!leaf)
		setxattr(directory, "user.bunk", "1", 1, 0);
	if (v2 && !leaf)
		enable_controllers(directory);
	if (!v2 && strstr(directory, "/cpuset"))
		inherit_cpuset(directory);
	return 1;
}

static int is_occupied(const char *directory)
{
	auto_free char *file = mem_printf("%s/cgroup.procs", directory);
	char text[32];

	return proc_read_file(file, text, sizeof(text)) > 0;
}

// Makes what is missing above PATH, from the lowest that exists.
static int make_above(char *path, bool v2)
{
	char *slash = strrchr(path, '/');

	if (!slash || slash == path)
		return -ENOENT;
	*slash = '\0';
	int r = make_level(path, v2, false);
	if (r == -ENOENT && (r = make_above(path, v2)) >= 0)
		r = make_level(path, v2, false);
	*slash = '/';
	return r;
}

// Makes DIRECTORY and what is missing above it. A removal of a neighbour may take a parent away meanwhile: then once more.
static int make_group(const char *directory, bool v2)
{
	for (int attempt = 0; attempt < 5; attempt++) {
		auto_free char *path = mem_strdup(directory);
		int r = make_level(path, v2, true);

		if (r != -ENOENT)
			return r == 0 && is_occupied(path) ? -EBUSY : r < 0 ? r : 0;
		r = make_above(path, v2);
		if (r < 0 && r != -ENOENT)
			return r;
	}
	return -ENOENT;
}

static void prepare_parents(const struct groups *g)
{
	// an existing parent, too, must hand the controllers down; in a tree of somebody else's that is refused and does no harm
	for (size_t i = 0; g->v2 && i < g->joined.count; i++) {
		auto_free char *path = mem_strdup(g->joined.items[i]);
		size_t top = g->layout.unified ? strlen(g->layout.unified) : 0;

		for (char *p = path + top; p && *p; p = strchr(p + 1, '/')) {
			char was = *p;

			*p = '\0';
			enable_controllers(path);
			*p = was;
		}
	}
}

static void forget(struct groups *g)
{
	strv_done(&g->joined);
	free(g->freezer);
	g->freezer = NULL;
}

static int without_groups(struct container *c, int code, const char *directory, struct err *e)
{
	bool may_do_without = code == EACCES || code == EPERM || code == EROFS;

	if (code == EBUSY) {
		err_msg(e, EBUSY, "control group '%s' has processes already: choose another linux.cgroupsPath", directory);
		forget(&c->groups);
		return -EBUSY;
	}
	err_set(e, code, "cannot make control group '%s'", directory);
	groups_remove(&c->groups, NULL);
	forget(&c->groups);
	if (may_do_without && !limits_asked(&c->config.resources))
		return 0;
	return may_do_without ? err_hint(e, "linux.resources asks for limits, which need a delegated control group in linux.cgroupsPath") : -code;
}

int groups_make(struct container *c, struct err *e)
{
	struct groups *g = &c->groups;

	if (!g->joined.count && limits_asked(&c->config.resources))
		return err_msg(e, EOPNOTSUPP, "linux.resources asks for limits, but %s",
			       c->b->cgroups == BUNK_CGROUPS_DISABLED ? "control groups are disabled" : "no control groups are mounted here");
	for (size_t i = 0; i < g->joined.count; i++) {
		int r = make_group(g->joined.items[i], g->v2);

		if (r < 0)
			return without_groups(c, -r, g->joined.items[i], e);
	}
	prepare_parents(g);
	int r = groups_open(g, NULL, e);
	if (r == -EACCES || r == -EPERM)
		return without_groups(c, -r, g->joined.items[0], e);
	return r;
}

int groups_open(struct groups *g, const char *below, struct err *e)
{
	for (size_t i = 0; i < g->joined.count; i++) {
		auto_free char *directory = mem_printf("%s%s%s", g->joined.items[i], below ? "/" : "", below ? below : "");
		auto_free char *file = mem_printf("%s/%s", directory, g->v2 ? "cgroup.procs" : "tasks");
		int fd = open(file, O_WRONLY | O_CLOEXEC);

		if (fd < 0)
			return err_set(e, errno, "cannot join control group '%s'", directory);
		g->procs[g->procs_count++] = fd;
		if (g->v2)
			g->into = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	}
	return 0;
}

// A process of one thread that moves itself through "tasks" needs no lock against all forks of the machine, which "cgroup.procs" takes and
// which waits for an RCU grace period: some milliseconds for each container.
int groups_join(const struct groups *g, struct err *e)
{
	for (size_t i = 0; g->into < 0 && i < g->procs_count; i++)
		if (write(g->procs[i], "0", 1) != 1)
			return err_set(e, errno, "cannot join control group '%s'", g->joined.items[i]);
	return 0;
}

struct pids {
	pid_t *items;
	size_t count;
};

static void add_pids(struct pids *pids, int directory)
{
	auto_close int fd = openat(directory, "cgroup.procs", O_RDONLY | O_CLOEXEC);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "re");
	int pid;

	if (!file)
		return;
	fd = -1; // the stream's now
	while (fscanf(file, "%d", &pid) == 1) {
		if (pid <= 0)
			continue; // of a pid namespace that this one does not see
		pids->items = mem_resize(pids->items, pids->count + 1, sizeof(*pids->items));
		pids->items[pids->count++] = pid;
	}
	fclose(file);
}

// Calls VISIT for the group at FD and all below it, deepest first. Takes FD.
static void walk_groups(int fd, int depth, void (*visit)(int parent, const char *name, int fd, void *context), void *context)
{
	DIR *dir = fdopendir(fd);
	struct dirent *entry;

	if (!dir) {
		close(fd);
		return;
	}
	while (depth < 64 && (entry = readdir(dir))) {
		if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
			continue;
		int below = openat(dirfd(dir), entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (below < 0)
			continue;
		walk_groups(dup(below), depth + 1, visit, context);
		visit(dirfd(dir), entry->d_name, below, context);
		close(below);
	}
	closedir(dir);
}

static void visit_pids(int parent, const char *name, int fd, void *context)
{
	(void)parent;
	(void)name;
	add_pids(context, fd);
}

static void visit_remove(int parent, const char *name, int fd, void *context)
{
	(void)fd;
	(void)context;
	unlinkat(parent, name, AT_REMOVEDIR);
}

static int open_group(const char *directory)
{
	return open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

int groups_pids(const struct groups *g, pid_t **pids, size_t *count, struct err *e)
{
	struct pids found = {0};
	const char *directory = g->freezer ? g->freezer : g->joined.count ? g->joined.items[0] : NULL;
	auto_close int fd = directory ? open_group(directory) : -1;

	if (directory && fd < 0 && errno != ENOENT)
		return err_set(e, errno, "cannot open control group '%s'", directory);
	if (fd >= 0) {
		add_pids(&found, fd);
		walk_groups(dup(fd), 0, visit_pids, &found);
	}
	*pids = found.items;
	*count = found.count;
	return 0;
}

static void short_rest(int attempt)
{
	struct timespec rest = {.tv_nsec = attempt < 6 ? 100000L << attempt : 5000000L};

	nanosleep(&rest, NULL); // v1 files cannot be polled
}

// v2: cgroup.events says when something changed (POLLPRI). Waits until it holds LINE.
static int wait_event(int directory, const char *line)
{
	auto_close int fd = openat(directory, "cgroup.events", O_RDONLY | O_CLOEXEC);
	int64_t deadline = clock_mono() + PATIENCE;
	struct pollfd p = {.fd = fd, .events = POLLPRI};

	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	for (;;) {
		char text[256];
		ssize_t n = pread(fd, text, sizeof(text) - 1, 0);

		if (n < 0)
			return errno == ENODEV ? 0 : -errno;
		text[n] = '\0';
		if (strstr(text, line))
			return 0;
		int64_t left = deadline - clock_mono();
		if (left <= 0)
			return -ETIMEDOUT;
		poll(&p, 1, (int)(left / 1000000) + 1);
	}
}

// v1 may stay FREEZING when a process was just forking: asking again helps.
static int freeze_v1(int directory, bool freeze)
{
	const char *wanted = freeze ? "FROZEN" : "THAWED";
	int64_t deadline = clock_mono() + PATIENCE;
	char now[32];

	for (int attempt = 0;; attempt++) {
		int r = fs_write_text(directory, "freezer.state", wanted);

		if (r < 0)
			return r;
		if (proc_read_file_at(directory, "freezer.state", now, sizeof(now)) > 0 && str_starts(now, wanted))
			return 0;
		if (clock_mono() > deadline) {
			fs_write_text(directory, "freezer.state", "THAWED"); // nobody is left half frozen
			return -ETIMEDOUT;
		}
		short_rest(attempt);
	}
}

static int freeze_v2(int directory, bool freeze)
{
	int r = fs_write_text(directory, "cgroup.freeze", freeze ? "1" : "0");

	if (r == 0)
		r = wait_event(directory, freeze ? "frozen 1" : "frozen 0");
	if (r < 0 && freeze)
		fs_write_text(directory, "cgroup.freeze", "0");
	return r;
}

int groups_freeze(const struct groups *g, bool freeze, struct err *e)
{
	auto_close int fd = g->freezer ? open_group(g->freezer) : -1;

	if (!g->freezer)
		return err_msg(e, EOPNOTSUPP, "it has no control group that could freeze it");
	int r = fd < 0 ? -errno : g->v2 ? freeze_v2(fd, freeze) : freeze_v1(fd, freeze);
	return r < 0 ? err_set(e, -r, "cannot %s control group '%s'", freeze ? "freeze" : "thaw", g->freezer) : 0;
}

bool groups_frozen(const struct groups *g)
{
	char text[256] = "";

	if (!g->freezer)
		return false;
	auto_free char *file = mem_printf("%s/%s", g->freezer, g->v2 ? "cgroup.events" : "freezer.state");
	if (proc_read_file(file, text, sizeof(text)) <= 0)
		return false;
	return g->v2 ? strstr(text, "frozen 1") != NULL : str_starts(text, "FROZEN");
}

static void wait_gone(const struct pids *pids, int64_t deadline)
{
	for (size_t i = 0; i < pids->count; i++) {
		auto_close int fd = pidfd_open(pids->items[i], 0);
		struct pollfd p = {.fd = fd, .events = POLLIN};
		int64_t left = deadline - clock_mono();

		if (fd >= 0 && left > 0)
			poll(&p, 1, (int)(left / 1000000) + 1);
	}
}

static int signal_all(const struct groups *g, int signal, struct pids *pids, struct err *e)
{
	int r = groups_pids(g, &pids->items, &pids->count, e);
	int sent = 0;

	for (size_t i = 0; r == 0 && i < pids->count; i++)
		sent += kill(pids->items[i], signal) == 0;
	return r < 0 ? r : sent;
}

// Frozen while it is signalled, so that no fork escapes; thawed in every case.
static int signal_frozen(const struct groups *g, int signal, struct pids *pids, struct err *e)
{
	bool was = groups_frozen(g);
	bool froze = !was && g->freezer && groups_freeze(g, true, NULL) == 0;
	int r = signal_all(g, signal, pids, e);

	if (froze || (was && signal == SIGKILL && !g->v2)) // on v1 the frozen do not die
		groups_freeze(g, false, NULL);
	return r;
}

static int kill_v2(const struct groups *g)
{
	auto_close int fd = g->v2 && g->joined.count ? open_group(g->joined.items[0]) : -1;

	if (fd < 0 || fs_write_text(fd, "cgroup.kill", "1") < 0)
		return -EOPNOTSUPP; // before Linux 5.14
	return wait_event(fd, "populated 0");
}

int groups_kill(const struct groups *g, int signal, struct err *e)
{
	int64_t deadline = clock_mono() + PATIENCE;
	int sent = 0;

	if (signal == SIGKILL && kill_v2(g) == 0)
		return 1;
	for (;;) {
		struct pids pids = {0};
		int r = signal_frozen(g, signal, &pids, e);

		if (r >= 0 && signal == SIGKILL)
			wait_gone(&pids, deadline);
		free(pids.items);
		if (r < 0)
			return r;
		sent += r;
		if (signal != SIGKILL || r == 0)
			return sent;
		if (clock_mono() > deadline)
			return err_msg(e, ETIMEDOUT, "some processes in its control group cannot be killed");
	}
}

static void remove_parents(const char *directory)
{
	auto_free char *path = mem_strdup(directory);
	char *slash;
	char mark[4];

	while ((slash = strrchr(path, '/')) && slash > path) {
		*slash = '\0';
		if (getxattr(path, "user.bunk", mark, sizeof(mark)) <= 0 || rmdir(path) < 0)
			return;
	}
}

// A group that can be removed held nobody and nothing: there is no need to look first.
static bool remove_empty(const struct groups *g)
{
	for (size_t i = 0; i < g->joined.count; i++) {
		if (rmdir(g->joined.items[i]) < 0 && errno != ENOENT)
			return false;
		remove_parents(g->joined.items[i]);
	}
	return true;
}

static int remove_group(const char *directory)
{
	int64_t deadline = clock_mono() + PATIENCE / 5;

	for (int attempt = 0;; attempt++) {
		if (rmdir(directory) == 0 || errno == ENOENT)
			return 0;
		if ((errno != EBUSY && errno != ENOTEMPTY) || clock_mono() > deadline)
			return -errno;
		int fd = open_group(directory);
		if (fd >= 0)
			walk_groups(fd, 0, visit_remove, NULL);
		if (rmdir(directory) == 0)
			return 0;
		short_rest(attempt); // a process that has exited may still be counted for a moment
	}
}

int groups_end(const struct groups *g, struct err *e)
{
	if (remove_empty(g))
		return 0;
	int r = groups_kill(g, SIGKILL, e);
	return r < 0 ? r : groups_remove(g, e);
}

int groups_remove(const struct groups *g, struct err *e)
{
	int result = 0;

	for (size_t i = 0; i < g->joined.count; i++) {
		int r = remove_group(g->joined.items[i]);

		if (r < 0)
			result = err_set(e, -r, "cannot remove control group '%s'", g->joined.items[i]);
		else
			remove_parents(g->joined.items[i]);
	}
	return result;
}

json_t *groups_to_json(const struct groups *g)
{
	json_t *joined = json_array();

	for (size_t i = 0; i < g->joined.count; i++)
		json_array_append_new(joined, json_string(g->joined.items[i]));
	return json_pack("{s:o, s:b, s:s?}", "joined", joined, "v2", g->v2, "freezer", g->freezer);
}

int groups_from_json(struct groups *g, json_t *object)
{
	json_t *joined, *item, *freezer = NULL;
	size_t i;
	int v2;

	if (json_unpack(object, "{s:o, s:b, s?o}", "joined", &joined, "v2", &v2, "freezer", &freezer) < 0)
		return -EINVAL;
	json_array_foreach(joined, i, item) {
		if (!json_is_string(item) || i >= GROUPS_MAX)
			return -EINVAL;
		strv_add(&g->joined, json_string_value(item));
	}
	g->v2 = v2;
	g->freezer = mem_strdup(json_string_value(freezer)); // null without a group
	return 0;
}

void groups_done(struct groups *g)
{
	for (size_t i = 0; i < g->procs_count; i++)
		close(g->procs[i]);
	g->procs_count = 0;
	if (g->into >= 0)
		close(g->into);
	g->into = -1;
	cgroup_layout_done(&g->layout);
	forget(g);
}
