// SPDX-License-Identifier: LGPL-2.1-or-later
// Removes a container's control groups, and the groups above that bunk made.
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "act.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "groups.h"
#include "scope.h"
#include "sys/fs.h"

static void remove_child(int parent, const char *name, int fd, void *context)
{
	(void)fd;
	(void)context;
	unlinkat(parent, name, AT_REMOVEDIR);
}

static bool is_mount_point(const struct groups *g, const char *path)
{
	for (int k = 0; k < CGROUP_CONTROLLERS; k++)
		if (g->layout.v1[k] && str_equal(g->layout.v1[k], path))
			return true;
	return g->layout.unified && str_equal(g->layout.unified, path);
}

void groups_remove_parents(const struct groups *g, const char *directory)
{
	auto_free char *path = mem_strdup(directory);
	char *slash;
	char mark[4];

	while ((slash = strrchr(path, '/')) && slash > path) {
		*slash = '\0';
		if (is_mount_point(g, path))
			return;
		if ((getxattr(path, GROUPS_MARK, mark, sizeof(mark)) < 0 || rmdir(path) < 0) && errno != ENOENT)
			return;
	}
}

void groups_remove_unmarked(const struct groups *g)
{
	for (size_t i = 0; i < g->joined.count; i++) {
		if (groups_has_mark(g->joined.items[i], NULL, 0))
			continue;
		rmdir(g->joined.items[i]);
		groups_remove_parents(g, g->joined.items[i]);
	}
}

// rmdir() succeeds only on a group without processes and children, so there is no need to check first.
static bool remove_empty(const struct groups *g)
{
	if (g->scope)
		return false;
	for (size_t i = 0; i < g->joined.count; i++) {
		if (rmdir(g->joined.items[i]) < 0 && errno != ENOENT)
			return false;
		groups_remove_parents(g, g->joined.items[i]);
	}
	return true;
}

static int remove_group(const char *directory)
{
	int64_t deadline = clock_mono() + GROUPS_PATIENCE / 5;

	for (int attempt = 0;; attempt++) {
		if (rmdir(directory) == 0 || errno == ENOENT)
			return 0;
		if ((errno != EBUSY && errno != ENOTEMPTY) || clock_mono() > deadline)
			return -errno;
		int fd = group_open(directory);
		if (fd >= 0)
			groups_walk(fd, remove_child, NULL);
		if (rmdir(directory) == 0)
			return 0;
		group_rest(attempt); // a process that has exited may still be counted for a moment
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

	// first: systemd waits until the group reports that it is empty. If systemd does not reply, they are removed here.
	if (g->scope)
		scope_stop(g, NULL);
	for (size_t i = 0; i < g->joined.count; i++) {
		int r = remove_group(g->joined.items[i]);

		if (r < 0)
			result = err_set(e, -r, "cannot remove control group '%s'", g->joined.items[i]);
		else
			groups_remove_parents(g, g->joined.items[i]);
	}
	return result;
}
