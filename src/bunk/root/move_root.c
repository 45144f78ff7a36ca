// SPDX-License-Identifier: LGPL-2.1-or-later
// --no-pivot: for a root on a ramdisk, which pivot_root(2) cannot leave, the new root is moved over the old one. The
// mounts below the old root would stay in the container's mount namespace. A user namespace may mount a new procfs or
// sysfs if an unmasked one is visible in its mount namespace, even if it is unreachable (fs/namespace.c,
// mnt_already_visible): the host's would defeat the container's masks. So all mounts below the old root are detached;
// if they are locked (in a user namespace), each procfs and sysfs is covered.
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "bunk/container/container.h"
#include "mounts.h"
#include "rootfs.h"
#include "sys/fs.h"
#include "sys/mountinfo.h"

struct leaving {
	int old, self;      // the old root and /proc/self, which become unreachable by path
	int old_id, new_id; // mounts
	struct mount_rows rows;
};

static const char *below_old(const struct mount_row *row)
{
	return row->point + strspn(row->point, "/");
}

static int read_mounts(struct leaving *l, struct err *e)
{
	mountinfo_done(&l->rows);
	return mountinfo_read(&l->rows, l->self, "mountinfo", e);
}

// In reverse order, since later mounts may cover earlier ones. The next read_mounts() shows those that remain.
static void detach_mounts(const struct leaving *l)
{
	for (size_t i = l->rows.count; i-- > 0;) {
		const struct mount_row *row = &l->rows.items[i];

		if (row->parent != l->old_id || row->id == l->new_id || !*below_old(row))
			continue;
		// with a shared root they are still peers of the host's mounts
		mount(NULL, below_old(row), NULL, MS_SLAVE | MS_REC, NULL);
		umount2(below_old(row), MNT_DETACH | UMOUNT_NOFOLLOW);
	}
}

static bool is_inside(const struct leaving *l, const struct mount_row *row)
{
	for (size_t steps = 0; row && steps < l->rows.count; steps++) {
		if (row->id == l->new_id)
			return true;
		row = mountinfo_find(&l->rows, row->parent);
	}
	return false;
}

static bool is_covered(const struct leaving *l, const struct mount_row *row)
{
	for (size_t i = 0; i < l->rows.count; i++)
		if (l->rows.items[i].parent == row->id && str_equal(l->rows.items[i].point, row->point))
			return true;
	return false;
}

static int cover_mount(const struct container *c, const struct leaving *l, const struct mount_row *row, struct err *e)
{
	struct mount_entry entry = {.type = "tmpfs", .source = "tmpfs", .destination = row->point};
	struct plan_mount empty = {.entry = &entry,
	                           .set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC};
	auto_close int target = openat(l->old, below_old(row), O_PATH | O_NOFOLLOW | O_CLOEXEC);

	if (target < 0 || fs_mount_id(target) != row->id)
		return err_msg(e, EBUSY, "cannot hide the host's %s on '%s'", row->type, row->point);
	auto_close int tree = mounts_new(c, &empty, "tmpfs", e);
	return tree < 0 ? tree : mounts_place(tree, target, e, row->point);
}

static int cover_all(const struct container *c, const struct leaving *l, struct err *e)
{
	for (size_t i = 0; i < l->rows.count; i++) {
		const struct mount_row *row = &l->rows.items[i];
		bool kernel = str_equal(row->type, "proc") || str_equal(row->type, "sysfs");
		int r = kernel && !is_inside(l, row) && !is_covered(l, row) ? cover_mount(c, l, row, e) : 0;

		if (r < 0)
			return r;
	}
	return 0;
}

int rootfs_change(int root_fd, struct err *e)
{
	return fchdir(root_fd) < 0 || chroot(".") < 0 ? err_set(e, errno, "cannot change the root") : 0;
}

static int move_over_root(const struct container *c, struct leaving *l, int root, struct err *e)
{
	int r = read_mounts(l, e);

	if (r < 0)
		return r;
	if (fchdir(root) < 0 || mount(".", "/", NULL, MS_MOVE, NULL) < 0 || fchdir(l->old) < 0)
		return err_set(e, errno, "cannot move the root file system over the old one");
	detach_mounts(l);
	if ((r = read_mounts(l, e)) == 0)
		r = cover_all(c, l, e);
	return r < 0 ? r : rootfs_change(root, e);
}

int rootfs_move(const struct container *c, int root, struct err *e)
{
	auto_close int old = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC),
	               self = open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct leaving l = {.old = old, .self = self, .old_id = fs_mount_id(old), .new_id = fs_mount_id(root)};

	if (l.old_id < 0 || l.new_id < 0 || self < 0)
		return err_msg(e, ENXIO, "cannot read the mounts of the old root");
	int r = move_over_root(c, &l, root, e);
	mountinfo_done(&l.rows);
	return r;
}
