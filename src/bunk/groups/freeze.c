// SPDX-License-Identifier: LGPL-2.1-or-later
// Freezing a container's control groups, and thawing them.
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "act.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "bunk/container/container.h"
#include "groups.h"
#include "sys/fs.h"
#include "sys/proc.h"

void group_rest(int attempt)
{
	struct timespec rest = {.tv_nsec = attempt < 6 ? 100000L << attempt : 5000000L};

	nanosleep(&rest, NULL); // v1 files cannot be polled
}

// cgroup.events signals changes by POLLPRI.
int group_wait_event(int directory, const char *line)
{
	auto_close int fd = openat(directory, "cgroup.events", O_RDONLY | O_CLOEXEC);
	int64_t deadline = clock_mono() + GROUPS_PATIENCE;
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

// v1 may stay in FREEZING if a process was just forking; writing the state again helps.
static int freeze_v1(int directory, bool freeze)
{
	const char *wanted = freeze ? "FROZEN" : "THAWED";
	int64_t deadline = clock_mono() + GROUPS_PATIENCE;
	char now[32];

	for (int attempt = 0;; attempt++) {
		int r = fs_write_text(directory, "freezer.state", wanted);

		if (r < 0)
			return r;
		if (proc_read_file_at(directory, "freezer.state", now, sizeof(now)) > 0 && str_starts(now, wanted))
			return 0;
		if (clock_mono() > deadline) {
			fs_write_text(directory, "freezer.state", "THAWED"); // do not leave any process frozen
			return -ETIMEDOUT;
		}
		group_rest(attempt);
	}
}

static int freeze_v2(int directory, bool freeze)
{
	int r = fs_write_text(directory, "cgroup.freeze", freeze ? "1" : "0");

	if (r == 0)
		r = group_wait_event(directory, freeze ? "frozen 1" : "frozen 0");
	if (r < 0 && freeze)
		fs_write_text(directory, "cgroup.freeze", "0");
	return r;
}

// Whether the group itself was frozen, regardless of those above it. The root of a hierarchy has no such file.
static bool is_frozen_itself(int directory, bool v2)
{
	char text[8];

	return proc_read_file_at(directory, v2 ? "cgroup.freeze" : "freezer.self_freezing", text, sizeof(text)) > 0 &&
	       text[0] == '1';
}

// The nearest group above DIRECTORY that is not frozen, by itself or from above; -1: none.
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

static bool file_contains(const char *group, const char *file, const char *wanted)
{
	auto_free char *path = mem_printf("%s/%s", group, file);
	char text[256];

	return proc_read_file(path, text, sizeof(text)) > 0 && strstr(text, wanted);
}

// True also while some processes are not frozen yet. A new group can only be frozen by one above it.
static bool is_frozen(const struct groups *g)
{
	if (!g->v2)
		return file_contains(g->freezer, "freezer.state", "FR"); // FROZEN or FREEZING
	return (!g->fresh && file_contains(g->freezer, "cgroup.freeze", "1")) ||
	       file_contains(g->freezer, "cgroup.events", "frozen 1");
}

// On a hybrid host: the group in the v2 tree, which is joined last, if another program froze it; else NULL.
static const char *frozen_beside(const struct groups *g)
{
	const char *last = g->v2 || !g->joined.count ? NULL : g->joined.items[g->joined.count - 1];

	return last && file_contains(last, "cgroup.events", "frozen 1") ? last : NULL;
}

static const char *frozen_group(const struct groups *g)
{
	return g->freezer && is_frozen(g) ? g->freezer : frozen_beside(g);
}

int groups_freeze(const struct groups *g, bool freeze, struct err *e)
{
	auto_close int fd = g->freezer ? group_open(g->freezer) : -1;

	if (!g->freezer)
		return err_msg(e, EOPNOTSUPP, "it has no control group that can be frozen");
	if (fd >= 0 && !freeze && is_frozen_above(fd, g->v2)) {
		fs_write_text(fd, g->v2 ? "cgroup.freeze" : "freezer.state", g->v2 ? "0" : "THAWED");
		return err_msg(e, EBUSY, "cannot thaw control group '%s': a group above it is frozen (thaw that one first)",
		               g->freezer);
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

	return frozen ? err_msg(e, EBUSY, "control group '%s' is frozen, itself or by a group above it: thaw it first",
	                        frozen)
	              : 0;
}

static void thaw_group(int parent, const char *name, int fd, void *context)
{
	(void)parent;
	(void)name;
	(void)context;
	fs_write_text(fd, "freezer.state", "THAWED");
}

void groups_release(const struct groups *g, pid_t pid)
{
	auto_close int fd = g->freezer && !g->v2 ? group_open(g->freezer) : -1;
	auto_free pid_t *all = NULL;
	size_t count = 1;

	if (fd < 0)
		return;
	fs_write_text(fd, "freezer.state", "THAWED");
	groups_walk(dup(fd), thaw_group, NULL);
	auto_close int thawed = is_frozen_above(fd, false) ? open_thawed_above(fd, false) : -1;
	if (thawed >= 0 && !pid)
		groups_pids(g, &all, &count, NULL);
	for (size_t i = 0; (thawed >= 0 || pid) && i < count; i++) {
		auto_free char *text = mem_printf("%d", pid ? pid : all[i]);
		fs_write_text(thawed >= 0 ? thawed : fd, "cgroup.procs", text);
	}
}
