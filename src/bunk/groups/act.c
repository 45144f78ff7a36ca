// SPDX-License-Identifier: LGPL-2.1-or-later
// What is done to all processes of a container's control groups: finding, freezing, signalling; and removing the groups, even when the processes
// fight it.
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "bunk/container/container.h"
#include "groups.h"
#include "scope.h"
#include "sys/fs.h"
#include "sys/proc.h"

#define PATIENCE (10 * SECOND) // until an unkillable or unfreezable process is given up

static int open_group(const char *directory)
{
	return open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
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

static void visit_pids(int parent, const char *name, int fd, void *context)
{
	(void)parent;
	(void)name;
	add_pids(context, fd);
}

static void visit_occupied(int parent, const char *name, int fd, void *context)
{
	bool *occupied = context;
	char text[32];

	(void)parent;
	(void)name;
	*occupied |= proc_read_file_at(fd, "cgroup.procs", text, sizeof(text)) > 0;
}

int groups_check_free(const char *directory)
{
	auto_close int fd = open_group(directory);
	bool occupied = false;
	struct stat st;

	if (fd < 0)
		return -errno;
	visit_occupied(-1, "", fd, &occupied);
	groups_walk(dup(fd), visit_occupied, &occupied);
	if (occupied)
		return -EBUSY;
	bool holds = fstat(fd, &st) == 0 && st.st_nlink > 2; // groups below it
	return holds && !groups_has_mark(directory, NULL, 0) ? -ENOTEMPTY : 0;
}

static void visit_remove(int parent, const char *name, int fd, void *context)
{
	(void)fd;
	(void)context;
	unlinkat(parent, name, AT_REMOVEDIR);
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
		groups_walk(dup(fd), visit_pids, &found);
	}
	*pids = found.items;
	*count = found.count;
	return 0;
}

struct search {
	pid_t pid;
	int found; // descriptor of the group it is in, -1: not yet
};

static void visit_search(int parent, const char *name, int fd, void *context)
{
	struct search *s = context;
	struct pids pids = {0};

	(void)parent;
	(void)name;
	if (s->found < 0)
		add_pids(&pids, fd);
	for (size_t i = 0; i < pids.count; i++)
		if (pids.items[i] == s->pid)
			s->found = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	free(pids.items);
}

// By descriptors alone: this process may have entered the container.
bool groups_descend(struct groups *g, pid_t pid)
{
	struct search s = {.pid = pid, .found = -1};
	int fd = g->into < 0 ? -1 : openat(g->into, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0)
		groups_walk(fd, visit_search, &s);
	if (s.found < 0)
		return false;
	close(g->into);
	g->into = s.found;
	return true;
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
		int left = clock_poll_ms(deadline);
		if (left == 0)
			return -ETIMEDOUT;
		poll(&p, 1, left);
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

// Whether the group itself is frozen, whatever is above it. The root of a hierarchy has no such file.
static bool is_frozen_itself(int directory, bool v2)
{
	char text[8];

	return proc_read_file_at(directory, v2 ? "cgroup.freeze" : "freezer.self_freezing", text, sizeof(text)) > 0 && text[0] == '1';
}

// The group next above DIRECTORY from where on nothing is frozen, or -1.
static int open_thawed_above(int directory, bool v2)
{
	int found = -1, here = openat(directory, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	while (here >= 0 && faccessat(here, "cgroup.procs", F_OK, 0) == 0) {
		int above = openat(here, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		bool frozen = is_frozen_itself(here, v2);

		if (frozen && found >= 0)
			close(found);
		if (frozen)
			found = -1;
		if (frozen || found >= 0)
			close(here);
		else
			found = here;
		here = above;
	}
	if (here >= 0)
		close(here);
	return found;
}

static bool is_frozen_above(int directory, bool v2)
{
	auto_close int above = openat(directory, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_close int thawed = open_thawed_above(directory, v2);

	return above >= 0 && faccessat(above, "cgroup.procs", F_OK, 0) == 0 && !fs_is_same(above, thawed);
}

static bool file_says(const char *group, const char *file, const char *what)
{
	auto_free char *path = mem_printf("%s/%s", group, file);
	char text[256];

	return proc_read_file(path, text, sizeof(text)) > 0 && strstr(text, what);
}

// Also while the last processes have not been stopped yet. What was just made is frozen only by what is above it.
static bool is_frozen(const struct groups *g)
{
	if (!g->v2)
		return file_says(g->freezer, "freezer.state", "FR"); // FROZEN or FREEZING
	return (!g->fresh && file_says(g->freezer, "cgroup.freeze", "1")) || file_says(g->freezer, "cgroup.events", "frozen 1");
}

// The group of the v2 tree beside v1's controllers, which is joined last, if another program has frozen it; else NULL.
static const char *frozen_beside(const struct groups *g)
{
	const char *last = g->v2 || !g->joined.count ? NULL : g->joined.items[g->joined.count - 1];

	return last && file_says(last, "cgroup.events", "frozen 1") ? last : NULL;
}

static const char *frozen_group(const struct groups *g)
{
	return g->freezer && is_frozen(g) ? g->freezer : frozen_beside(g);
}

int groups_freeze(const struct groups *g, bool freeze, struct err *e)
{
	auto_close int fd = g->freezer ? open_group(g->freezer) : -1;

	if (!g->freezer)
		return err_msg(e, EOPNOTSUPP, "it has no control group that could freeze it");
	if (fd >= 0 && !freeze && is_frozen_above(fd, g->v2)) {
		fs_write_text(fd, g->v2 ? "cgroup.freeze" : "freezer.state", g->v2 ? "0" : "THAWED");
		return err_msg(e, EBUSY, "cannot thaw control group '%s': a group above it is frozen (thaw that one first)", g->freezer);
	}
	int r = fd < 0 ? -errno : g->v2 ? freeze_v2(fd, freeze) : freeze_v1(fd, freeze);
	if (r < 0)
		return err_set(e, -r, "cannot %s control group '%s'", freeze ? "freeze" : "thaw", g->freezer);
	return freeze ? 0 : groups_check_thawed(g, e);
}

bool groups_frozen(const struct groups *g)
{
	return frozen_group(g);
}

int groups_check_thawed(const struct groups *g, struct err *e)
{
	const char *frozen = frozen_group(g);

	return frozen ? err_msg(e, EBUSY, "control group '%s' is frozen, itself or by a group above it: thaw it first", frozen) : 0;
}

static void visit_thaw(int parent, const char *name, int fd, void *context)
{
	(void)parent;
	(void)name;
	(void)context;
	fs_write_text(fd, "freezer.state", "THAWED");
}

void groups_release(const struct groups *g, pid_t pid)
{
	auto_close int fd = g->freezer && !g->v2 ? open_group(g->freezer) : -1;
	auto_free pid_t *all = NULL;
	size_t count = 1;

	if (fd < 0)
		return;
	fs_write_text(fd, "freezer.state", "THAWED");
	groups_walk(dup(fd), visit_thaw, NULL);
	auto_close int thawed = is_frozen_above(fd, false) ? open_thawed_above(fd, false) : -1;
	if (thawed >= 0 && !pid)
		groups_pids(g, &all, &count, NULL);
	for (size_t i = 0; (thawed >= 0 || pid) && i < count; i++) {
		auto_free char *text = mem_printf("%d", pid ? pid : all[i]);
		fs_write_text(thawed >= 0 ? thawed : fd, "cgroup.procs", text);
	}
}

void groups_end_process(const struct groups *g, pid_t pid)
{
	kill(pid, SIGKILL);
	groups_release(g, pid);
	waitpid(pid, NULL, 0);
}

static void wait_gone(const struct pids *pids, int64_t deadline)
{
	for (size_t i = 0; i < pids->count; i++) {
		auto_close int fd = pidfd_open(pids->items[i], 0);
		struct pollfd p = {.fd = fd, .events = POLLIN};

		if (fd >= 0)
			poll(&p, 1, clock_poll_ms(deadline));
	}
}

static bool is_listed(const struct pids *pids, pid_t pid)
{
	for (size_t i = 0; i < pids->count; i++)
		if (pids->items[i] == pid)
			return true;
	return false;
}

enum { HELD_LEAST = 8, HELD_MOST = 256 };

// Pidfds at a time: each lot costs a look at all groups, but there may be few descriptors.
static size_t held_at_once(void)
{
	struct rlimit files;
	rlim_t quarter = getrlimit(RLIMIT_NOFILE, &files) == 0 ? files.rlim_cur / 4 : HELD_LEAST;

	return quarter < HELD_LEAST ? HELD_LEAST : quarter > HELD_MOST ? HELD_MOST : (size_t)quarter;
}

// A number that was read may be another process's by now. So a pidfd of each is taken first, and used only if the number is still listed afterwards.
static int signal_some(const struct groups *g, int signal, const pid_t *some, size_t count, struct err *e)
{
	struct pids now = {0};
	int fds[HELD_MOST], sent = 0;

	for (size_t i = 0; i < count; i++)
		fds[i] = pidfd_open(some[i], 0);
	int r = groups_pids(g, &now.items, &now.count, e);
	for (size_t i = 0; i < count; i++) {
		sent += r == 0 && fds[i] >= 0 && is_listed(&now, some[i]) && pidfd_send_signal(fds[i], signal, NULL, 0) == 0;
		auto_close_run(&fds[i]);
	}
	free(now.items);
	return r < 0 ? r : sent;
}

static int signal_all(const struct groups *g, int signal, struct pids *pids, struct err *e)
{
	int r = groups_pids(g, &pids->items, &pids->count, e);
	size_t held = held_at_once();
	int sent = 0;

	for (size_t i = 0; r == 0 && i < pids->count; i += held) {
		int some = signal_some(g, signal, pids->items + i, pids->count - i < held ? pids->count - i : held, e);

		sent += some > 0 ? some : 0;
		r = some < 0 ? some : 0;
	}
	return r < 0 ? r : sent;
}

// Frozen while it is signalled, so that no fork escapes; thawed in every case.
static int signal_frozen(const struct groups *g, int signal, struct pids *pids, struct err *e)
{
	sigset_t all, before;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before); // whoever interrupts this must not leave the container frozen
	bool was = groups_frozen(g);
	bool froze = !was && g->freezer && groups_freeze(g, true, NULL) == 0;
	int r = signal_all(g, signal, pids, e);

	if (signal == SIGKILL && !g->v2)
		groups_release(g, 0);
	else if (froze)
		groups_freeze(g, false, NULL);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return r;
}

// Returns whether there was anything to kill, or negative errno.
static int kill_v2(const struct groups *g)
{
	auto_close int fd = g->v2 && g->joined.count ? open_group(g->joined.items[0]) : -1;
	char text[256];
	bool populated = fd >= 0 && proc_read_file_at(fd, "cgroup.events", text, sizeof(text)) > 0 && strstr(text, "populated 1");

	if (fd < 0 || fs_write_text(fd, "cgroup.kill", "1") < 0)
		return -EOPNOTSUPP; // before Linux 5.14
	int r = wait_event(fd, "populated 0");
	return r < 0 ? r : populated;
}

int groups_kill(const struct groups *g, int signal, struct err *e)
{
	int64_t deadline = clock_mono() + PATIENCE;
	int sent = 0, killed = signal == SIGKILL ? kill_v2(g) : -EOPNOTSUPP;

	if (killed >= 0)
		return killed;
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

static bool is_mount_point(const struct groups *g, const char *path)
{
	for (int k = 0; k < CGROUP_CONTROLLERS; k++)
		if (g->layout.v1[k] && str_equal(g->layout.v1[k], path))
			return true;
	return g->layout.unified && str_equal(g->layout.unified, path);
}

static void remove_parents(const struct groups *g, const char *directory)
{
	auto_free char *path = mem_strdup(directory);
	char *slash;
	char mark[4];

	while ((slash = strrchr(path, '/')) && slash > path) {
		*slash = '\0';
		if (is_mount_point(g, path) || getxattr(path, GROUPS_MARK, mark, sizeof(mark)) <= 0 || rmdir(path) < 0)
			return;
	}
}

// A group that can be removed held nobody and nothing: there is no need to look first.
static bool remove_empty(const struct groups *g)
{
	if (g->scope)
		return false;
	for (size_t i = 0; i < g->joined.count; i++) {
		if (rmdir(g->joined.items[i]) < 0 && errno != ENOENT)
			return false;
		remove_parents(g, g->joined.items[i]);
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
			groups_walk(fd, visit_remove, NULL);
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

	if (g->scope) // first: systemd waits for a sign from the group that it is empty. Without an answer what is left is removed here.
		scope_stop(g, NULL);
	for (size_t i = 0; i < g->joined.count; i++) {
		int r = remove_group(g->joined.items[i]);

		if (r < 0)
			result = err_set(e, -r, "cannot remove control group '%s'", g->joined.items[i]);
		else
			remove_parents(g, g->joined.items[i]);
	}
	return result;
}
