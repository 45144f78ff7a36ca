// SPDX-License-Identifier: LGPL-2.1-or-later
// What a bind mount shows: the directory or file of the host that its source names. The specification says nothing about links on the way, and
// who writes a configuration may use them. But what lies in a directory that the container can write to, by another mount of the same
// configuration, may have been exchanged by it or by its neighbour: from there no link leads to anything else. See doc/bunk.md.
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "bunk/container.h"
#include "bunk/mounts.h"
#include "sys/fs.h"

static char *path_of(const struct container *c, const struct plan_mount *m)
{
	return m->entry->source[0] == '/' ? mem_strdup(m->entry->source) : mem_printf("%s/%s", c->bundle, m->entry->source);
}

// Whether PATH is below DIRECTORY, by their names. Everything is below "/", so that says nothing.
static bool is_below(const char *path, const char *directory)
{
	size_t n = strlen(directory);

	while (n > 0 && directory[n - 1] == '/')
		n--;
	return n > 0 && strncmp(path, directory, n) == 0 && path[n] == '/' && path[n + strspn(path + n, "/")];
}

// The outermost directory above PATH that the container can write to; owned, NULL: none.
static char *writable_above(const struct container *c, const char *path)
{
	char *found = NULL;

	for (size_t i = 0; i < c->plan.mount_count; i++) {
		const struct plan_mount *m = &c->plan.mounts[i];
		auto_free char *other = m->bind && !m->remount && !(m->set & MOUNT_ATTR_RDONLY) && m->entry->source ? path_of(c, m) : NULL;

		if (!other || !is_below(path, other) || (found && strlen(found) <= strlen(other)))
			continue;
		free(found);
		found = steal(other);
	}
	return found;
}

// What is open cannot be exchanged any more, and the kernel says where it is.
static bool is_inside(int fd, const char *directory)
{
	auto_close int above = open(directory, O_PATH | O_CLOEXEC);
	auto_free char *inner = fs_path_of(fd), *outer = above < 0 ? NULL : fs_path_of(above);

	return inner && outer && is_below(inner, outer);
}

int mounts_source(const struct container *c, const struct plan_mount *m, struct err *e)
{
	auto_free char *path = path_of(c, m);
	auto_free char *above = writable_above(c, path);

	if (!above)
		return mounts_bind(AT_FDCWD, path, m->recursive_bind, e);
	auto_close int fd = open(path, O_PATH | O_CLOEXEC);
	if (fd < 0)
		return err_set(e, errno, "cannot bind '%s'", path);
	if (!is_inside(fd, above))
		return err_msg(e, EXDEV, "'%s' leads out of '%s', which the container can write to", path, above);
	return mounts_bind(fd, "", m->recursive_bind, e);
}
