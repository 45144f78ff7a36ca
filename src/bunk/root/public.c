// SPDX-License-Identifier: LGPL-2.1-or-later
// "publiconly": an overlay that shows only the world-readable files of its lower directories: see mounts.h.
// The kernel opens an overlay's files with the credentials of the process that mounted it. So the lower directories
// are mounted with the ids of 'nobody' and without CAP_DAC_OVERRIDE: files that are not world-readable, also later
// ones, stay inaccessible even to root in the container. Writing needs more privileges: for that, a second overlay is
// mounted on top, with the first as its lower directory.
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/magic.h>
#include <linux/mount.h>
#include <stdio.h>
#include <string.h>
#include <sys/fsuid.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "bunk/container/container.h"
#include "mounts.h"
#include "overlay.h"
#include "sys/fs.h"

enum { NOBODY = 65534, LOWERS_MAX = 4 };

// Descriptors of an overlay's directories: 'nobody' may not be able to reach them by path, paths may be too long, and
// new mounts may hide them.
struct layers {
	int lowers[LOWERS_MAX];
	size_t count;
	int upper, work; // -1 = none
	bool stacked;    // a lower directory is on an overlay: two more would exceed the kernel's stacking limit
};

static void layers_close(struct layers *l)
{
	for (size_t i = 0; i < l->count; i++)
		close(l->lowers[i]);
	if (l->upper >= 0)
		close(l->upper);
	if (l->work >= 0)
		close(l->work);
}

static const char *option_value(const struct plan_mount *m, const char *name)
{
	size_t n = strlen(name);

	for (size_t i = 0; i < m->data_count; i++)
		if (strncmp(m->data[i], name, n) == 0 && m->data[i][n] == '=')
			return m->data[i] + n + 1;
	return NULL;
}

static int open_directory(const char *path, struct err *e)
{
	int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? err_set(e, errno, "cannot open the overlay's directory '%s'", path) : fd;
}

static int open_lowers(struct layers *l, const char *list, struct err *e)
{
	while (list && *list) {
		auto_free char *path = overlay_next_lower(&list);

		if (l->count == LOWERS_MAX)
			return err_msg(e, E2BIG, "'publiconly' supports at most %d lower directories", LOWERS_MAX);
		int fd = open_directory(path ? path : "", e);
		if (fd < 0)
			return fd;
		l->lowers[l->count++] = fd;
		l->stacked |= fs_is_type(fd, OVERLAYFS_SUPER_MAGIC);
	}
	return l->count >= 2 ? 0
	                     : err_msg(e, EINVAL, "'publiconly' needs at least two lower directories (one may be empty)");
}

static int layers_open(struct layers *l, const struct plan_mount *m, struct err *e)
{
	auto_free char *upper = overlay_path(m, "upperdir="), *work = overlay_path(m, "workdir=");
	int r = open_lowers(l, option_value(m, "lowerdir"), e);

	if (r == 0 && upper)
		r = l->upper = open_directory(upper, e);
	if (r >= 0 && work)
		r = l->work = open_directory(work, e);
	return r < 0 ? r : 0;
}

// Changing the file-system ids drops the capabilities that override permissions (capabilities(7)); groups are dropped
// since they would give access, too.
static int mount_as_nobody(const struct container *c, const struct plan_mount *m, struct err *e)
{
	int count = getgroups(0, NULL);
	auto_free gid_t *groups = mem_array((size_t)(count < 0 ? 0 : count) + 1, sizeof(*groups));
	bool can = count >= 0 && getgroups(count, groups) == count && setgroups(0, NULL) == 0;

	setfsgid(NOBODY);
	setfsuid(NOBODY);
	can = can && setfsgid((gid_t)-1) == NOBODY && setfsuid((uid_t)-1) == NOBODY;
	int tree = can ? mounts_new(c, m, "overlay", e) : err_msg(e, EPERM, "cannot mount as user 'nobody'");
	setfsuid(geteuid());
	setfsgid(getegid());
	if (count >= 0 && setgroups((size_t)count, groups) < 0 && tree >= 0)
		return close(tree), err_set(e, errno, "cannot restore the groups");
	return tree;
}

// Mounts the overlay M with the directories L instead of those in its options.
static int mount_layers(const struct container *c, const struct plan_mount *m, const struct layers *l, bool nobody,
                        struct err *e)
{
	auto_str lower = {0};
	auto_free char *upper = mem_printf("upperdir=/proc/self/fd/%d", l->upper),
	               *work = mem_printf("workdir=/proc/self/fd/%d", l->work);
	auto_free const char **data = mem_array(m->data_count + 3, sizeof(*data));
	struct plan_mount named = *m;

	for (size_t i = 0; i < l->count; i++)
		str_addf(&lower, "%s/proc/self/fd/%d", i ? ":" : "lowerdir=", l->lowers[i]);
	named.data = data;
	named.data_count = 0;
	for (size_t i = 0; i < m->data_count; i++)
		if (!str_starts(m->data[i], "lowerdir=") && !str_starts(m->data[i], "upperdir=") &&
		    !str_starts(m->data[i], "workdir="))
			data[named.data_count++] = m->data[i];
	data[named.data_count++] = str_text(&lower);
	if (l->upper >= 0)
		data[named.data_count++] = upper;
	if (l->upper >= 0 && l->work >= 0)
		data[named.data_count++] = work;
	return nobody ? mount_as_nobody(c, &named, e) : mounts_new(c, &named, "overlay", e);
}

static int place_public(int tree, const struct plan_mount *m, int target, struct err *e)
{
	int r = mounts_finish(tree, m, e);

	return r < 0 ? r : mounts_place(tree, target, e, m->entry->destination);
}

// In a user namespace the container's root only has the privileges of its creator. If there are mounts below a lower
// directory, the kernel refuses the overlay, which would reveal what they hide: then binds the first one read-only.
static int public_of_user(const struct container *c, const struct plan_mount *m, const struct layers *l, int target,
                          struct err *e)
{
	auto_close int tree = mount_layers(c, m, l, false, e);

	if (tree != -EINVAL)
		return tree < 0 ? tree : place_public(tree, m, target, e);
	auto_close int shown = mounts_bind(l->lowers[0], "", true, e);
	int r = shown < 0 ? shown : mounts_set(shown, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID, 0, 0, true);
	return r < 0 ? err_set(e, -r, "cannot mount '%s'", m->entry->destination)
	             : mounts_place(shown, target, e, m->entry->destination);
}

static int public_of_root(const struct container *c, const struct plan_mount *m, const struct layers *l, int target,
                          struct err *e)
{
	struct layers lower = *l;

	lower.upper = lower.work = -1;
	auto_close int tree = mount_layers(c, m, &lower, true, e);
	int r = tree < 0 ? tree : place_public(tree, m, target, e);
	if (r < 0 || l->upper < 0)
		return r;
	auto_close int top = mounts_top(target);
	if (top < 0)
		return err_set(e, -top, "cannot open the new mount");
	const struct layers both = {.lowers = {top}, .count = 1, .upper = l->upper, .work = l->work};
	auto_close int whole = mount_layers(c, m, &both, false, e);
	return whole < 0 ? whole : place_public(whole, m, top, e);
}

int mounts_public(const struct container *c, const struct plan_mount *m, int target, struct err *e)
{
	struct layers l = {.upper = -1, .work = -1};
	int r = layers_open(&l, m, e);
	bool plain = c->in_user_namespace || (l.stacked && l.upper >= 0);

	if (r == 0)
		r = plain ? public_of_user(c, m, &l, target, e) : public_of_root(c, m, &l, target, e);
	layers_close(&l);
	return r;
}
