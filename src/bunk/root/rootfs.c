// SPDX-License-Identifier: LGPL-2.1-or-later
// The container's root: mounts, devices, masks. Runs in the child, in its own mount namespace, so nothing here is
// visible outside. The root's contents are hostile: every path below it is opened with fs_resolve() and mounted on by
// descriptor, never by name.
#include "rootfs.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/mount.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "assemble.h"
#include "base/mem.h"
#include "base/str.h"
#include "bunk/container/container.h"
#include "bunk/groups/groups.h"
#include "bunk/plan/plan.h"
#include "devices.h"
#include "mounts.h"
#include "source.h"
#include "sys/closing.h"
#include "sys/fs.h"

// Mounts *TREE on TARGET, the destination of M. Returns its descriptor, which *TREE gives up, or negative errno.
static int place_mount(int *tree, int target, const struct plan_mount *m, struct err *e)
{
	int r = mounts_place(*tree, target, e, m->entry->destination);

	return r < 0 ? r : steal_fd(tree);
}

static int do_bind(const struct container *c, const struct plan_mount *m, int root, struct err *e)
{
	struct stat st;
	int ready = c->trees ? c->trees[m - c->plan.mounts] : -1; // with mapped ids: created by the parent
	auto_closing int tree = ready >= 0 ? ready : mounts_source(c, m, e);

	if (tree < 0)
		return tree;
	if (fstat(tree, &st) < 0)
		return err_set(e, errno, "cannot access '%s'", m->entry->source);
	auto_closing int target =
	    fs_resolve(root, m->entry->destination, FS_CREATE | (S_ISDIR(st.st_mode) ? FS_DIRECTORY : 0), e);
	if (target < 0)
		return target;
	int r = mounts_finish(tree, m, e);
	return r < 0 ? r : place_mount(&tree, target, m, e);
}

// If sysfs cannot be mounted (in a user namespace without its own network namespace), binds the host's read-only
// instead.
static int bind_host_sysfs(const struct plan_mount *m, struct err *e)
{
	auto_closing int tree = mounts_bind(AT_FDCWD, "/sys", true, e);

	if (tree < 0)
		return tree;
	int r = mounts_set(tree, m->set | MOUNT_ATTR_RDONLY, 0, 0, true);
	return r < 0 ? err_set(e, -r, "cannot make the host's /sys read-only") : steal_fd(&tree);
}

static bool has_mode(const struct plan_mount *m)
{
	for (size_t i = 0; i < m->data_count; i++)
		if (str_starts(m->data[i], "mode="))
			return true;
	return false;
}

// A tmpfs as it is mounted on its target: without a mode option it gets the mode of the directory that it covers, as
// the image intends (/tmp, /var/lib/x). If the directory is missing, the kernel's default of 1777.
struct covering {
	struct plan_mount mount;
	const char *data[64];
	char mode[16];
};

static int cover_target(struct covering *cover, const struct plan_mount *m, int root, struct err *e)
{
	bool kernel = str_equal(m->entry->type, "proc") || str_equal(m->entry->type, "sysfs");
	// labels, sysctls and masks rely on these two paths, so they must not be links (CVE-2019-19921)
	unsigned flags = FS_DIRECTORY | (kernel ? FS_NO_LINKS : 0);
	bool keeps_mode =
	    str_equal(m->entry->type, "tmpfs") && !has_mode(m) && m->data_count + 1 < ARRAY_SIZE(cover->data);
	int target = keeps_mode ? fs_resolve(root, m->entry->destination, flags, NULL) : -ENOENT;
	struct stat st;

	cover->mount = *m;
	if (target < 0)
		return fs_resolve(root, m->entry->destination, flags | FS_CREATE, e);
	if (fstat(target, &st) < 0)
		return close(target), err_set(e, errno, "cannot read the mode of the covered directory");
	memcpy(cover->data, m->data, m->data_count * sizeof(*m->data));
	snprintf(cover->mode, sizeof(cover->mode), "mode=%o", st.st_mode & 07777);
	cover->data[cover->mount.data_count++] = cover->mode;
	cover->mount.data = cover->data;
	return target;
}

static int do_public(const struct container *c, const struct plan_mount *m, int root, struct err *e)
{
	auto_closing int target = fs_resolve(root, m->entry->destination, FS_CREATE | FS_DIRECTORY, e);

	return target < 0 ? target : mounts_public(c, m, target, e);
}

static int do_file_system(const struct container *c, const struct plan_mount *planned, int root, struct err *e)
{
	const char *type = planned->entry->type;
	struct covering covering;
	const struct plan_mount *m = &covering.mount;
	auto_closing int target = cover_target(&covering, planned, root, e);
	int r;

	if (target < 0)
		return target;
	if (!mounts_fit(m)) {
		auto_closing int mounted = mounts_long(c, m, target, e);
		r = mounted < 0 ? mounted : mounts_finish(mounted, m, e);
		return r < 0 ? r : steal_fd(&mounted);
	}
	if (mounts_at_once(c, m, target))
		return 0;
	auto_closing int tree = mounts_new(c, m, type, e);
	if ((tree == -EPERM || tree == -EBUSY) && str_equal(type, "sysfs"))
		tree = bind_host_sysfs(m, e);
	if (tree < 0)
		return tree;
	r = mounts_finish(tree, m, e);
	return r < 0 ? r : place_mount(&tree, target, m, e);
}

// Changes the existing mount on the destination: its attributes, and without "bind" also the options of its file
// system.
static int do_remount(const struct container *c, const struct plan_mount *m, int root, struct err *e)
{
	auto_closing int target = fs_resolve(root, m->entry->destination, 0, e);

	(void)c;
	if (target < 0)
		return target;
	int r = m->bind || !m->data_count ? 0 : mounts_change(target, m, e);
	if (r == 0 && (r = mounts_set(target, m->set, m->clear, 0, false)) < 0)
		err_set(e, -r, "cannot change the mount on '%s'", m->entry->destination);
	if (r == -EINVAL)
		err_hint(e, "is it a mount point?");
	if (r == 0)
		r = mounts_finish(target, m, e);
	return r < 0 ? r : steal_fd(&target);
}

static int cgroup_v2_tree(const struct container *c, const struct plan_mount *m, struct err *e)
{
	struct plan_mount plain = *m;

	plain.data_count = 0;
	int tree = plan_is_new(&c->plan, CLONE_NEWCGROUP) ? mounts_new(c, &plain, "cgroup2", e) : -EPERM;
	if (tree >= 0 || !c->groups.joined.count)
		return tree;
	tree = mounts_bind(AT_FDCWD, c->groups.joined.items[0], true, e);
	if (tree >= 0 && mounts_set(tree, m->set, 0, 0, true) < 0)
		return close(tree), err_set(e, EPERM, "cannot set attributes of the cgroup mount");
	return tree;
}

// v1: a tmpfs with one directory per controller, where the container's own group is bound.
static int cgroup_v1_tree(const struct container *c, const struct plan_mount *m, int target, struct err *e)
{
	struct mount_entry entry = {.type = "tmpfs", .source = "tmpfs", .destination = m->entry->destination};
	const char *data[] = {"mode=755", "size=1m"};
	struct plan_mount base = {
	    .entry = &entry, .set = m->set & ~(uint64_t)MOUNT_ATTR_RDONLY, .data = data, .data_count = 2};
	auto_closing int tree = mounts_new(c, &base, "tmpfs", e);

	if (tree < 0 || mounts_place(tree, target, e, m->entry->destination) < 0)
		return -EIO;
	for (int k = 0; k < CGROUP_CONTROLLERS; k++) {
		const char *name = cgroup_controller_name((enum cgroup_controller)k);
		const char *own = groups_directory(&c->groups, (enum cgroup_controller)k);

		if (!own)
			continue;
		auto_closing int group = mounts_bind(AT_FDCWD, own, false, e);
		const char *under = str_starts(name, "name=") ? name + strlen("name=") : name;

		if (group < 0)
			return group;
		// no need to resolve paths in a new file system; the umask is 0
		if (mkdirat(tree, under, 0755) < 0 || move_mount(group, "", tree, under, MOVE_MOUNT_F_EMPTY_PATH) < 0)
			return err_set(e, errno, "cannot mount on '%s'", name);
	}
	// read-only for the groups now, but not yet for the tmpfs, which may get further mounts
	int r = mounts_set(tree, m->set | (m->readonly_last ? MOUNT_ATTR_RDONLY : 0), 0, 0, true);
	if (r == 0 && m->readonly_last)
		r = mounts_set(tree, 0, MOUNT_ATTR_RDONLY, 0, false);
	if (r == 0)
		r = mounts_finish(tree, m, e);
	return r < 0 ? r : steal_fd(&tree);
}

static int do_cgroup(const struct container *c, const struct plan_mount *m, int root, struct err *e)
{
	auto_closing int target = fs_resolve(root, m->entry->destination, FS_CREATE | FS_DIRECTORY | FS_NO_LINKS, e);

	if (target < 0)
		return target;
	if (c->groups.layout.mode != CGROUP_V2)
		return cgroup_v1_tree(c, m, target, e);
	struct plan_mount now = *m; // read-only at once: no mount points are created in it
	now.set |= m->readonly_last ? MOUNT_ATTR_RDONLY : 0;
	auto_closing int tree = cgroup_v2_tree(c, &now, e);
	if (tree < 0)
		return tree;
	int r = mounts_finish(tree, m, e);
	return r < 0 ? r : place_mount(&tree, target, m, e);
}

static int do_copy_up(const struct container *c, const struct plan_mount *m, int root, struct err *e)
{
	struct covering covering;
	auto_closing int target = cover_target(&covering, m, root, e);

	if (target < 0)
		return target;
	covering.mount.set &= ~(uint64_t)MOUNT_ATTR_RDONLY;
	auto_closing int tree = mounts_new(c, &covering.mount, "tmpfs", e);
	if (tree < 0)
		return tree;
	auto_closing int from = fs_reopen(target, O_RDONLY | O_DIRECTORY);
	auto_closing int into = openat(tree, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int r = from < 0 || into < 0 ? -EIO : mounts_copy(from, into);
	if (r == -ELOOP)
		return err_msg(e, ELOOP, "cannot copy '%s' into its tmpfs: directories nested deeper than %d",
		               m->entry->destination, MOUNTS_COPY_DEPTH);
	if (r == 0)
		r = mounts_set(tree, m->set, 0, 0, false);
	if (r < 0)
		return err_set(e, -r, "cannot copy '%s' into its tmpfs", m->entry->destination);
	r = mounts_finish(tree, m, e);
	return r < 0 ? r : place_mount(&tree, target, m, e);
}

static bool is_root(const char *destination)
{
	return destination[strspn(destination, "/")] == '\0';
}

static void remember_readonly(struct container *c, int fd)
{
	if (!c->readonly_last)
		c->readonly_last = mem_array(c->plan.mount_count, sizeof(*c->readonly_last));
	c->readonly_last[c->readonly_last_count++] = fd;
}

static int do_mounts(struct container *c, int root, struct err *e)
{
	for (size_t i = 0; i < c->plan.mount_count; i++) {
		const struct plan_mount *m = &c->plan.mounts[i];
		int (*how)(const struct container *, const struct plan_mount *, int, struct err *) = m->remount   ? do_remount
		                                                                                     : m->cgroup  ? do_cgroup
		                                                                                     : m->bind    ? do_bind
		                                                                                     : m->copy_up ? do_copy_up
		                                                                                     : m->public_only
		                                                                                         ? do_public
		                                                                                         : do_file_system;

		if (is_root(m->entry->destination))
			continue;
		int fd = how(c, m, root, e);
		if (fd < 0)
			return err_wrap(e, "mounts[%zu] on '%s'", i, m->entry->destination);
		if (m->readonly_last)
			remember_readonly(c, fd);
		else if (fd > 0)
			closing_add(fd);
	}
	return 0;
}

static int root_tree(const struct container *c, const struct plan_mount *m, int root, struct err *e)
{
	if (m->bind && c->trees && c->trees[m - c->plan.mounts] >= 0)
		return fcntl(c->trees[m - c->plan.mounts], F_DUPFD_CLOEXEC, 3);
	if (m->bind)
		return mounts_source(c, m, e);
	if (!mounts_fit(m))
		return mounts_long(c, m, root, e);
	return mounts_new(c, m, m->entry->type, e);
}

// Mounts on destination "/" come first, over the root directory, so that an overlay is never mounted in the host's
// mount namespace.
static int mount_over_root(const struct container *c, int *root, struct err *e)
{
	for (size_t i = 0; i < c->plan.mount_count; i++) {
		const struct plan_mount *m = &c->plan.mounts[i];
		bool in_place = !m->bind && !mounts_fit(m), assembled = false;

		if (!is_root(m->entry->destination))
			continue;
		int tree = root_tree(c, m, *root, e);
		if (tree == -EINVAL && c->in_user_namespace && assemble_can(m)) {
			tree = assemble_begin(m, *root, e);
			assembled = true;
		}
		int r = tree < 0 ? tree : mounts_finish(tree, m, e);
		if (r == 0 && !in_place && !assembled)
			r = mounts_place(tree, *root, e, "/");
		if (r == 0 && assembled)
			r = assemble_fill(c, m, tree, e);
		if (r < 0)
			return err_wrap(e, "mounts[%zu] on '/'", i);
		close(*root);
		*root = tree;
	}
	return 0;
}

// Makes the mount that contains the directory FD private.
static int make_parent_private(int fd)
{
	struct statx st;
	int here = openat(fd, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);

	while (here >= 0 && statx(here, "", AT_EMPTY_PATH, 0, &st) == 0 && !(st.stx_attributes & STATX_ATTR_MOUNT_ROOT)) {
		int above = openat(here, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);

		close(here);
		here = above;
	}
	int r = here < 0 ? -errno : mounts_set(here, 0, 0, MS_PRIVATE, false);
	if (here >= 0)
		close(here);
	return r;
}

// Mounts of the container must not propagate to the host. With a shared root, however, bind mounts must stay peers of
// the host's mounts, so that mounts below them propagate; then only the mount that contains the root becomes private.
static int stop_propagation(const struct container *c, int place, struct err *e)
{
	if (c->plan.propagation == MS_SHARED) {
		int r = make_parent_private(place);
		return r < 0 ? err_set(e, -r, "cannot make the mount of the root file system private") : 0;
	}
	if (mount(NULL, "/", NULL, MS_REC | (c->plan.propagation == MS_PRIVATE ? MS_PRIVATE : MS_SLAVE), NULL) < 0)
		return err_set(e, errno, "cannot stop mount propagation to the host");
	return 0;
}

static int open_root(const struct container *c, int *root, struct err *e)
{
	auto_closing int place = c->root_place >= 0 ? c->root_place : open(c->rootfs, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (place < 0)
		return err_set(e, errno, "cannot open the root file system '%s'", c->rootfs);
	int r = stop_propagation(c, place, e);
	if (r < 0)
		return r;
	*root = mounts_bind(place, "", true, e);
	if (*root < 0)
		return *root;
	if (c->plan.propagation == MS_SHARED && (r = mounts_set(*root, 0, 0, MS_PRIVATE, true)) < 0)
		return err_set(e, -r, "cannot make the root file system private");
	r = mounts_place(*root, place, e, c->rootfs);
	return r < 0 ? r : mount_over_root(c, root, e);
}

// All masked directories share one empty read-only tmpfs: the first gets it, the others a clone. (Kernels before 6.15
// clone only attached mounts.)
static int empty_tree(const struct container *c, const char *path, int *empty, struct err *e)
{
	struct mount_entry entry = {.type = "tmpfs", .source = "tmpfs", .destination = path};
	const char *data[] = {"mode=1777"}; // accessible to every user, like with other runtimes
	struct plan_mount base = {.entry = &entry,
	                          .set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC,
	                          .data = data,
	                          .data_count = ARRAY_SIZE(data)};

	if (*empty >= 0)
		return mounts_bind(*empty, "", false, e);
	return *empty = mounts_new(c, &base, "tmpfs", e);
}

static int mask_path(const struct container *c, int root, const char *path, int null, int *empty, struct err *e)
{
	struct stat st;
	auto_closing int target = fs_resolve(root, path, 0, NULL);

	if (target < 0)
		return target == -ENOENT || target == -ENOTDIR || target == -EACCES
		           ? 0
		           : err_set(e, -target, "cannot open '%s' to mask it", path);
	if (fstat(target, &st) < 0)
		return err_set(e, errno, "cannot access '%s'", path);
	int tree = S_ISDIR(st.st_mode) ? empty_tree(c, path, empty, e) : mounts_bind(null, "", false, e);
	int r = tree < 0 ? tree : mounts_place(tree, target, e, path);
	closing_add(tree == *empty ? -1 : tree);
	return r;
}

static int mask_paths(const struct container *c, int root, struct err *e)
{
	// the host's: the container's cannot be trusted
	auto_closing int null = open("/dev/null", O_PATH | O_NOFOLLOW | O_CLOEXEC);
	auto_closing int empty = -1;

	if (!c->config.masked.count)
		return 0;
	if (null < 0 || !devices_is(null, S_IFCHR, 1, 3))
		return err_msg(e, ENXIO, "the host's /dev/null is not the null device");
	for (size_t i = 0; i < c->config.masked.count; i++) {
		int r = mask_path(c, root, c->config.masked.items[i], null, &empty, e);

		if (r < 0)
			return err_wrap(e, "linux.maskedPaths[%zu]", i);
	}
	return 0;
}

static int make_readonly(int root, const char *path, struct err *e)
{
	auto_closing int target = fs_resolve(root, path, 0, NULL);

	if (target < 0)
		return target == -ENOENT || target == -ENOTDIR || target == -EACCES
		           ? 0
		           : err_set(e, -target, "cannot open '%s'", path);
	auto_closing int tree = mounts_bind(target, "", true, e);
	if (tree < 0)
		return tree;
	int r = mounts_set(tree, MOUNT_ATTR_RDONLY, 0, 0, true);
	return r < 0 ? err_set(e, -r, "cannot make '%s' read-only", path) : mounts_place(tree, target, e, path);
}

static int readonly_paths(const struct container *c, int root, struct err *e)
{
	for (size_t i = 0; i < c->config.readonly.count; i++) {
		int r = make_readonly(root, c->config.readonly.items[i], e);

		if (r < 0)
			return err_wrap(e, "linux.readonlyPaths[%zu]", i);
	}
	return 0;
}

// In a shared mount namespace nothing is mounted (checked in plan.c): the root is a directory there.
static int open_shared_root(const struct container *c, int *root_fd, struct err *e)
{
	if (c->mounts_joined >= 0 && setns(c->mounts_joined, CLONE_NEWNS) < 0)
		return err_set(e, errno, "cannot join the mount namespace");
	*root_fd = open(c->rootfs, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return *root_fd < 0 ? err_set(e, errno, "cannot open the root file system '%s'", c->rootfs) : 0;
}

int rootfs_build(struct container *c, int *root_fd, struct err *e)
{
	int root = -1;
	if (!plan_is_new(&c->plan, CLONE_NEWNS))
		return open_shared_root(c, root_fd, e);
	mode_t mask = umask(0); // the caller's umask must not restrict modes
	closing_begin();
	int r = open_root(c, &root, e);

	if (r == 0)
		r = do_mounts(c, root, e);
	if (r == 0)
		r = devices_make(c, root, e);
	if (r == 0)
		r = mask_paths(c, root, e);
	if (r == 0)
		r = readonly_paths(c, root, e);
	closing_end();
	umask(mask);
	*root_fd = root;
	return r;
}

int rootfs_protect(const struct container *c, int root_fd, struct err *e)
{
	for (size_t i = 0; i < c->readonly_last_count; i++) {
		int r = mounts_set(c->readonly_last[i], MOUNT_ATTR_RDONLY, 0, 0, false);

		if (r < 0)
			return err_set(e, -r, "cannot make a mount read-only");
		close(c->readonly_last[i]);
	}
	int r = c->plan.root_readonly ? mounts_set(root_fd, MOUNT_ATTR_RDONLY, 0, 0, false) : 0;

	if (r < 0)
		return err_set(e, -r, "cannot make the root read-only");
	bool assembled =
	    c->plan.root_readonly && c->in_user_namespace && c->plan.mount_count && assemble_can(&c->plan.mounts[0]);
	return assembled ? assemble_protect(c, root_fd, e) : 0;
}

static int enter_by_pivot(const struct container *c, int root_fd, struct err *e)
{
	bool shared = c->plan.propagation == MS_SHARED;
	auto_close int old = shared ? open("/", O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
	// pivot_root(".", ".") stacks the old root on top of the new one, then it is detached (pivot_root(2), NOTES)
	if ((shared && old < 0) || fchdir(root_fd) < 0 || syscall(SYS_pivot_root, ".", ".") < 0)
		return err_set(e, errno, "cannot enter the root file system '%s'", c->rootfs);
	// with a shared root, mounts of the old root are still peers of the host's: unmounting must not propagate there
	if (shared && (fchdir(old) < 0 || mount(NULL, ".", NULL, MS_SLAVE | MS_REC, NULL) < 0))
		return err_set(e, errno, "cannot make the host's root file system a slave mount");
	return umount2(".", MNT_DETACH) < 0 ? err_set(e, errno, "cannot detach the host's root file system") : 0;
}

int rootfs_enter(const struct container *c, int root_fd, struct err *e)
{
	if (!plan_is_new(&c->plan, CLONE_NEWNS))
		return rootfs_change(root_fd, e);
	int r = c->no_pivot ? rootfs_move(c, root_fd, e) : enter_by_pivot(c, root_fd, e);
	if (r == 0 && chdir("/") < 0)
		r = err_set(e, errno, "cannot leave the host's root file system");
	if (r == 0)
		r = rootfs_protect(c, root_fd, e);
	if (r == 0 && (r = mounts_set(root_fd, 0, 0, c->plan.propagation, true)) < 0)
		err_set(e, -r, "cannot set the propagation of the root");
	return r;
}
