// SPDX-License-Identifier: LGPL-2.1-or-later
// The container's root: mounts, devices, masks. Runs in the child, in its own mount namespace, so nothing here is ever seen outside.
// The root's contents are hostile: every path below it is opened by fs_resolve() and mounted on by descriptor, never by name.
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
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "bunk/container.h"
#include "bunk/mounts.h"
#include "sys/fs.h"

static int do_bind(const struct container *c, const struct plan_mount *m, int root, struct err *e)
{
	struct stat st;
	auto_free char *absolute =
		m->entry->source[0] == '/' ? mem_strdup(m->entry->source) : mem_printf("%s/%s", c->bundle, m->entry->source);
	auto_close int tree = mounts_bind(AT_FDCWD, absolute, m->recursive_bind, e);

	if (tree < 0)
		return tree;
	if (fstat(tree, &st) < 0)
		return err_set(e, errno, "cannot look at '%s'", absolute);
	auto_close int target = fs_resolve(root, m->entry->destination, FS_CREATE | (S_ISDIR(st.st_mode) ? FS_DIRECTORY : 0), e);
	if (target < 0)
		return target;
	int r = mounts_finish(tree, m, e);
	return r < 0 ? r : mounts_place(tree, target, e, m->entry->destination);
}

// Where sysfs cannot be mounted (a user namespace without its own network namespace) the host's is shown read-only instead.
static int sysfs_instead(const struct plan_mount *m, struct err *e)
{
	auto_close int tree = mounts_bind(AT_FDCWD, "/sys", true, e);

	if (tree < 0)
		return tree;
	int r = mounts_set(tree, m->set | MOUNT_ATTR_RDONLY, 0, 0, true);
	return r < 0 ? err_set(e, -r, "cannot make the host's /sys read-only") : steal_fd(&tree);
}

static int do_file_system(const struct container *c, const struct plan_mount *m, int root, struct err *e)
{
	const char *type = m->entry->type;
	bool kernel = str_equal(type, "proc") || str_equal(type, "sysfs");
	// labels, sysctls and masks trust these two places: a link there would lead them astray (CVE-2019-19921)
	auto_close int target = fs_resolve(root, m->entry->destination, FS_CREATE | FS_DIRECTORY | (kernel ? FS_NO_LINKS : 0), e);

	if (target < 0)
		return target;
	if (!mounts_fit(m)) {
		auto_close int mounted = mounts_long(c, m, target, e);
		return mounted < 0 ? mounted : mounts_finish(mounted, m, e);
	}
	auto_close int tree = mounts_new(c, m, type, e);
	if ((tree == -EPERM || tree == -EBUSY) && str_equal(type, "sysfs"))
		tree = sysfs_instead(m, e);
	if (tree < 0)
		return tree;
	int r = mounts_finish(tree, m, e);
	return r < 0 ? r : mounts_place(tree, target, e, m->entry->destination);
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

// v1: a tmpfs with one directory for each controller the container is in, holding its own group.
static int cgroup_v1_tree(const struct container *c, const struct plan_mount *m, int target, struct err *e)
{
	struct mount_entry entry = {.type = "tmpfs", .source = "tmpfs", .destination = m->entry->destination};
	const char *data[] = {"mode=755", "size=1m"};
	struct plan_mount base = {.entry = &entry, .set = m->set & ~(uint64_t)MOUNT_ATTR_RDONLY, .data = data, .data_count = 2};
	auto_close int tree = mounts_new(c, &base, "tmpfs", e);

	if (tree < 0 || mounts_place(tree, target, e, m->entry->destination) < 0)
		return -EIO;
	for (int k = 0; k < CGROUP_CONTROLLERS; k++) {
		const char *name = cgroup_controller_name((enum cgroup_controller)k);
		const char *mount_point = c->groups.layout.v1[k];

		for (size_t i = 0; mount_point && i < c->groups.joined.count; i++) {
			if (!str_starts(c->groups.joined.items[i], mount_point) || c->groups.joined.items[i][strlen(mount_point)] != '/')
				continue;
			auto_close int group = mounts_bind(AT_FDCWD, c->groups.joined.items[i], false, e);
			auto_close int under = group < 0 ? group : fs_resolve(tree, name, FS_CREATE | FS_DIRECTORY | FS_NO_LINKS, e);
			int r = under < 0 ? under : mounts_set(group, m->set, 0, 0, false);

			if (r == 0)
				r = mounts_place(group, under, e, name);
			if (r < 0)
				return r;
		}
	}
	return mounts_set(tree, m->set, 0, 0, false);
}

static int do_cgroup(const struct container *c, const struct plan_mount *m, int root, struct err *e)
{
	auto_close int target = fs_resolve(root, m->entry->destination, FS_CREATE | FS_DIRECTORY | FS_NO_LINKS, e);

	if (target < 0)
		return target;
	if (c->groups.layout.mode != CGROUP_V2)
		return cgroup_v1_tree(c, m, target, e);
	auto_close int tree = cgroup_v2_tree(c, m, e);
	if (tree < 0)
		return tree;
	return mounts_place(tree, target, e, m->entry->destination);
}

// tmpcopyup: a tmpfs that starts with a copy of what it covers. Small trees of plain files, directories and links.
static int copy_file(int from, int to, const char *name, const struct stat *st)
{
	auto_close int in = openat(from, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	auto_close int out = in < 0 ? -1 : openat(to, name, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, st->st_mode & 07777);
	char buffer[16384];
	ssize_t n;

	if (out < 0)
		return -errno;
	while ((n = read(in, buffer, sizeof(buffer))) > 0)
		if (write(out, buffer, (size_t)n) != n)
			return -errno;
	return n < 0 || fchown(out, st->st_uid, st->st_gid) < 0 || fchmod(out, st->st_mode & 07777) < 0 ? -errno : 0;
}

static int copy_tree(int from, int to, int depth);

static int copy_entry(int from, int to, const char *name, int depth)
{
	char link[4096];
	struct stat st;

	if (fstatat(from, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	if (S_ISREG(st.st_mode))
		return copy_file(from, to, name, &st);
	if (S_ISLNK(st.st_mode)) {
		ssize_t n = readlinkat(from, name, link, sizeof(link) - 1);
		if (n < 0)
			return -errno;
		link[n] = '\0';
		return symlinkat(link, to, name) < 0 ? -errno : 0;
	}
	if (!S_ISDIR(st.st_mode))
		return 0;
	if (mkdirat(to, name, st.st_mode & 07777) < 0)
		return -errno;
	auto_close int below = openat(from, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	auto_close int into = openat(to, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (below < 0 || into < 0)
		return -errno;
	return fchown(into, st.st_uid, st.st_gid) < 0 ? -errno : copy_tree(below, into, depth + 1);
}

static int copy_tree(int from, int to, int depth)
{
	char buffer[4096] __attribute__((aligned(8)));
	long n;

	if (depth > 64)
		return -ELOOP;
	while ((n = syscall(SYS_getdents64, from, buffer, sizeof(buffer))) > 0) {
		for (long at = 0; at < n;) {
			struct entry {
				uint64_t inode, offset;
				unsigned short size;
				unsigned char type;
				char name[];
			} *entry = (struct entry *)(buffer + at);
			bool dots = str_equal(entry->name, ".") || str_equal(entry->name, "..");
			int r = dots ? 0 : copy_entry(from, to, entry->name, depth);

			if (r < 0)
				return r;
			at += entry->size;
		}
	}
	return n < 0 ? -errno : 0;
}

static int do_copy_up(const struct container *c, const struct plan_mount *m, int root, struct err *e)
{
	struct plan_mount writable = *m;
	auto_close int target = fs_resolve(root, m->entry->destination, FS_CREATE | FS_DIRECTORY, e);

	if (target < 0)
		return target;
	writable.set &= ~(uint64_t)MOUNT_ATTR_RDONLY;
	auto_close int tree = mounts_new(c, &writable, "tmpfs", e);
	if (tree < 0)
		return tree;
	auto_close int from = fs_reopen(target, O_RDONLY | O_DIRECTORY);
	auto_close int into = openat(tree, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int r = from < 0 || into < 0 ? -EIO : copy_tree(from, into, 0);
	if (r == 0)
		r = mounts_set(tree, m->set, 0, 0, false);
	if (r < 0)
		return err_set(e, -r, "cannot copy '%s' into its tmpfs", m->entry->destination);
	r = mounts_finish(tree, m, e);
	return r < 0 ? r : mounts_place(tree, target, e, m->entry->destination);
}

static bool is_root(const char *destination)
{
	return destination[strspn(destination, "/")] == '\0';
}

static int do_mounts(const struct container *c, int root, struct err *e)
{
	for (size_t i = 0; i < c->plan.mount_count; i++) {
		const struct plan_mount *m = &c->plan.mounts[i];
		int (*how)(const struct container *, const struct plan_mount *, int, struct err *) =
			m->cgroup ? do_cgroup : m->bind ? do_bind : m->copy_up ? do_copy_up : do_file_system;

		if (is_root(m->entry->destination))
			continue;
		int r = how(c, m, root, e);
		if (r < 0)
			return err_wrap(e, "mounts[%zu] on '%s'", i, m->entry->destination);
	}
	return 0;
}

static int root_tree(const struct container *c, const struct plan_mount *m, int root, struct err *e)
{
	if (m->bind)
		return mounts_bind(AT_FDCWD, m->entry->source, m->recursive_bind, e);
	if (!mounts_fit(m))
		return mounts_long(c, m, root, e);
	return mounts_new(c, m, m->entry->type, e);
}

// Destination "/": mounted over the root directory first of all, so that an overlay is never mounted on the host's side.
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

static int open_root(const struct container *c, int *root, struct err *e)
{
	unsigned long propagation = c->plan.propagation ? c->plan.propagation : MS_SLAVE;

	// pivot_root(2) refuses shared mounts, and what we mount must not reach the host
	if (mount(NULL, "/", NULL, MS_REC | (propagation == MS_PRIVATE ? MS_PRIVATE : MS_SLAVE), NULL) < 0)
		return err_set(e, errno, "cannot cut the mount namespace off from the host's");
	auto_close int place_fd = open(c->rootfs, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (place_fd < 0)
		return err_set(e, errno, "cannot open the root file system '%s'", c->rootfs);
	*root = mounts_bind(place_fd, "", true, e);
	if (*root < 0)
		return *root;
	int r = mounts_place(*root, place_fd, e, c->rootfs);
	return r < 0 ? r : mount_over_root(c, root, e);
}

static const struct default_device {
	const char *name;
	unsigned major, minor;
} default_devices[] = {
	{"null", 1, 3}, {"zero", 1, 5}, {"full", 1, 7}, {"random", 1, 8}, {"urandom", 1, 9}, {"tty", 5, 0},
};

static bool is_device(int fd, mode_t type, unsigned major_number, unsigned minor_number)
{
	struct stat st;

	return fstat(fd, &st) == 0 && (st.st_mode & S_IFMT) == type && st.st_rdev == makedev(major_number, minor_number);
}

// Where mknod(2) is not allowed (user namespaces) the host's own node is bound, after a look that it is that device.
static int bind_device(int dir, const char *name, const char *host_path, mode_t type, unsigned major_number, unsigned minor_number, struct err *e)
{
	auto_close int host = open(host_path, O_PATH | O_NOFOLLOW | O_CLOEXEC);

	if (host < 0 || !is_device(host, type, major_number, minor_number))
		return err_set(e, host < 0 ? errno : ENXIO, "the host's '%s' is not the device %u:%u", host_path, major_number, minor_number);
	auto_close int target = fs_resolve(dir, name, FS_CREATE | FS_NO_LINKS, e);
	if (target < 0)
		return target;
	auto_close int tree = mounts_bind(host, "", false, e);
	return tree < 0 ? tree : mounts_place(tree, target, e, name);
}

struct node {
	const char *path; // below /dev or absolute in the root
	mode_t type, mode;
	unsigned major, minor;
	uid_t uid;
	gid_t gid;
};

static int make_node(const struct container *c, int root, const struct node *n, struct err *e)
{
	auto_free char *path = mem_strdup(n->path);
	char *slash = strrchr(path, '/');
	char *name = slash ? slash + 1 : path;

	if (slash)
		*slash = '\0';
	auto_close int dir = fs_resolve(root, slash ? path : "/", FS_CREATE | FS_DIRECTORY, e);
	if (dir < 0)
		return dir;
	int r = plan_is_new(&c->plan, CLONE_NEWUSER) ? -EPERM : mknodat(dir, name, n->type | n->mode, makedev(n->major, n->minor)) < 0 ? -errno : 0;
	if (r == -EPERM && n->type != S_IFIFO)
		return bind_device(dir, name, n->path, n->type, n->major, n->minor, e);
	auto_close int node = fs_resolve(dir, name, FS_NO_LINKS, e);
	if (node < 0)
		return node;
	if (r == -EEXIST && (n->type == S_IFIFO || is_device(node, n->type, n->major, n->minor)))
		return 0;
	if (r < 0)
		return err_set(e, -r, "cannot make device '%s'", n->path);
	if (fchownat(node, "", n->uid, n->gid, AT_EMPTY_PATH) < 0)
		return err_set(e, errno, "cannot give device '%s' its owner", n->path);
	char proc[40];
	snprintf(proc, sizeof(proc), "/proc/self/fd/%d", node); // the umask cut the mode that mknod got
	return chmod(proc, n->mode) < 0 ? err_set(e, errno, "cannot set the mode of device '%s'", n->path) : 0;
}

static int device_type(const char *text, mode_t *type)
{
	static const struct {
		const char *name;
		mode_t type;
	} types[] = {{"c", S_IFCHR}, {"u", S_IFCHR}, {"b", S_IFBLK}, {"p", S_IFIFO}};

	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (str_equal(types[i].name, text)) {
			*type = types[i].type;
			return 0;
		}
	return -EINVAL;
}

static int configured_devices(const struct container *c, int root, struct err *e)
{
	for (size_t i = 0; i < c->config.devices.count; i++) {
		const struct device_entry *d = &c->config.devices.items[i];
		struct node n = {.path = d->path,
				 .mode = d->mode.given ? (mode_t)d->mode.value & 07777 : 0666,
				 .major = (unsigned)d->major.value,
				 .minor = (unsigned)d->minor.value,
				 .uid = (uid_t)d->uid.value,
				 .gid = (gid_t)d->gid.value};
		int r = device_type(d->type, &n.type);

		if (r < 0)
			return err_msg(e, EINVAL, "config.json: linux.devices[%zu].type: '%s' is not c, b, u or p", i, d->type);
		r = make_node(c, root, &n, e);
		if (r < 0)
			return err_wrap(e, "linux.devices[%zu]", i);
	}
	return 0;
}

static const char *const links[][2] = {
	{"fd", "/proc/self/fd"},         {"stdin", "/proc/self/fd/0"}, {"stdout", "/proc/self/fd/1"},
	{"stderr", "/proc/self/fd/2"},   {"core", "/proc/kcore"},      {"ptmx", "pts/ptmx"},
};

static int make_links(int root, struct err *e)
{
	auto_close int dev = fs_resolve(root, "/dev", FS_CREATE | FS_DIRECTORY, e);

	if (dev < 0)
		return dev;
	for (size_t i = 0; i < ARRAY_SIZE(links); i++)
		if (symlinkat(links[i][1], dev, links[i][0]) < 0 && errno != EEXIST && errno != EROFS)
			return err_set(e, errno, "cannot make the link /dev/%s", links[i][0]);
	return 0;
}

static int make_devices(const struct container *c, int root, struct err *e)
{
	for (size_t i = 0; i < ARRAY_SIZE(default_devices); i++) {
		const struct default_device *d = &default_devices[i];
		auto_free char *path = mem_printf("/dev/%s", d->name);
		struct node n = {.path = path, .type = S_IFCHR, .mode = 0666, .major = d->major, .minor = d->minor};
		int r = make_node(c, root, &n, e);

		if (r < 0)
			return r;
	}
	int r = configured_devices(c, root, e);
	return r < 0 ? r : make_links(root, e);
}

// One empty read-only tmpfs serves for all masked directories: the first gets it, the others a clone. (Kernels before 6.15 clone only
// what is in its place already.)
static int empty_tree(const struct container *c, const char *path, int *empty, struct err *e)
{
	struct mount_entry entry = {.type = "tmpfs", .source = "tmpfs", .destination = path};
	const char *data[] = {"mode=000"};
	struct plan_mount base = {.entry = &entry, .set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC,
				  .data = data, .data_count = ARRAY_SIZE(data)};

	if (*empty >= 0)
		return mounts_bind(*empty, "", false, e);
	int tree = mounts_new(c, &base, "tmpfs", e);
	*empty = tree < 0 ? -1 : fcntl(tree, F_DUPFD_CLOEXEC, 3);
	return tree;
}

static int mask(const struct container *c, int root, const char *path, int null, int *empty, struct err *e)
{
	struct stat st;
	auto_close int target = fs_resolve(root, path, 0, NULL);

	if (target < 0)
		return target == -ENOENT || target == -ENOTDIR || target == -EACCES ? 0 : err_set(e, -target, "cannot open '%s' to mask it", path);
	if (fstat(target, &st) < 0)
		return err_set(e, errno, "cannot look at '%s'", path);
	auto_close int tree = S_ISDIR(st.st_mode) ? empty_tree(c, path, empty, e) : mounts_bind(null, "", false, e);
	return tree < 0 ? tree : mounts_place(tree, target, e, path);
}

static int mask_paths(const struct container *c, int root, struct err *e)
{
	auto_close int null = open("/dev/null", O_PATH | O_NOFOLLOW | O_CLOEXEC); // the host's; the container's could be anything
	auto_close int empty = -1;

	if (!c->config.masked.count)
		return 0;
	if (null < 0 || !is_device(null, S_IFCHR, 1, 3))
		return err_msg(e, ENXIO, "the host's /dev/null is not the null device");
	for (size_t i = 0; i < c->config.masked.count; i++) {
		int r = mask(c, root, c->config.masked.items[i], null, &empty, e);

		if (r < 0)
			return err_wrap(e, "linux.maskedPaths[%zu]", i);
	}
	return 0;
}

static int make_readonly(int root, const char *path, struct err *e)
{
	auto_close int target = fs_resolve(root, path, 0, NULL);

	if (target < 0)
		return target == -ENOENT || target == -ENOTDIR || target == -EACCES ? 0 : err_set(e, -target, "cannot open '%s'", path);
	auto_close int tree = mounts_bind(target, "", true, e);
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

int rootfs_build(struct container *c, int *root_fd, struct err *e)
{
	int root = -1;
	int r = open_root(c, &root, e);

	if (r == 0)
		r = do_mounts(c, root, e);
	if (r == 0)
		r = make_devices(c, root, e);
	if (r == 0)
		r = mask_paths(c, root, e);
	if (r == 0)
		r = readonly_paths(c, root, e);
	*root_fd = root;
	return r;
}

static int enter_by_move(int root, struct err *e)
{
	// for a root on a ramdisk, where pivot_root(2) cannot work: the new root is moved over the old
	if (fchdir(root) < 0 || mount(".", "/", NULL, MS_MOVE, NULL) < 0 || chroot(".") < 0 || chdir("/") < 0)
		return err_set(e, errno, "cannot enter the root file system");
	return 0;
}

int rootfs_enter(const struct container *c, int root_fd, struct err *e)
{
	if (c->no_pivot)
		return enter_by_move(root_fd, e);
	// pivot_root(".", ".") puts the old root on top of the new one, from where it is detached (pivot_root(2), NOTES)
	if (fchdir(root_fd) < 0 || syscall(SYS_pivot_root, ".", ".") < 0)
		return err_set(e, errno, "cannot enter the root file system '%s'", c->rootfs);
	if (umount2(".", MNT_DETACH) < 0 || chdir("/") < 0)
		return err_set(e, errno, "cannot leave the host's root file system");
	struct plan_mount m = {.set = c->config.root_readonly ? MOUNT_ATTR_RDONLY : 0, .propagation = c->plan.propagation};
	int r = mounts_set(root_fd, m.set, 0, 0, false);
	if (r == 0 && c->config.root_readonly && c->in_user_namespace && c->plan.mount_count && assemble_can(&c->plan.mounts[0]))
		r = assemble_protect(c, root_fd, e);
	if (r == 0)
		r = mounts_set(root_fd, 0, 0, m.propagation, true);
	return r < 0 ? err_set(e, -r, "cannot set attributes of the root") : 0;
}
