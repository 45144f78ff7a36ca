// SPDX-License-Identifier: LGPL-2.1-or-later
// Assembles a root from one overlay per directory: see assemble.h.
#include "assemble.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "bunk/container/container.h"
#include "mounts.h"
#include "overlay.h"
#include "sys/fs.h"

struct layers {
	char *lower, *upper, *work;
};

static void auto_layers_run(struct layers *l)
{
	free(l->lower);
	free(l->upper);
	free(l->work);
}
#define auto_layers AUTO(layers) struct layers

static struct layers layers_of(const struct plan_mount *m)
{
	return (struct layers){overlay_path(m, "lowerdir="), overlay_path(m, "upperdir="), overlay_path(m, "workdir=")};
}

bool assemble_can(const struct plan_mount *m)
{
	auto_layers l = layers_of(m);

	return str_equal(m->entry->type, "overlay") && l.lower && l.upper && l.work;
}

int assemble_begin(const struct plan_mount *m, int root, struct err *e)
{
	auto_layers l = layers_of(m);
	int tree = mounts_bind(AT_FDCWD, l.upper, false, e);
	int r = tree < 0 ? tree : mounts_set(tree, m->set, 0, 0, false);

	if (r == 0)
		r = mounts_place(tree, root, e, "/");
	return r < 0 ? r : tree;
}

// Mounts of the host (/proc, /run, other disks) are not shown, like with a single overlay.
static bool is_mount_point(int directory, const char *name)
{
	struct statx st;

	return statx(directory, name, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, 0, &st) < 0 ||
	       st.stx_attributes & STATX_ATTR_MOUNT_ROOT;
}

static char *option_of(const char *option, const char *directory, const char *name)
{
	auto_free char *path = mem_printf("%s/%s", directory, name);
	auto_free char *value = overlay_escape(path);

	return mem_printf("%s=%s", option, value);
}

static int overlay_on(const struct container *c, const struct layers *l, const char *name, int target)
{
	struct mount_entry entry = {.type = "overlay", .source = "overlay", .destination = name};
	auto_free char *lower = option_of("lowerdir", str_equal(l->lower, "/") ? "" : l->lower, name);
	auto_free char *upper = option_of("upperdir", l->upper, name);
	auto_free char *work = option_of("workdir", l->work, name);
	auto_free char *place = mem_printf("%s/%s", l->work, name);
	const char *data[] = {lower, upper, work};
	struct plan_mount m = {.entry = &entry, .data = data, .data_count = ARRAY_SIZE(data)};

	if (mkdir(place, 0700) < 0 && errno != EEXIST)
		return -errno;
	auto_close int tree = mounts_fit(&m) ? mounts_new(c, &m, "overlay", NULL) : mounts_long(c, &m, target, NULL);
	if (tree < 0)
		return tree;
	return mounts_fit(&m) ? mounts_place(tree, target, NULL, name) : 0; // else it is already mounted
}

// For a directory with mounts below it, which cannot be a lower directory.
static int show_read_only(int lower, const char *name, int target)
{
	auto_close int tree = mounts_bind(lower, name, true, NULL);
	int r = tree < 0 ? tree : mounts_set(tree, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID, 0, 0, true);

	return r < 0 ? r : mounts_place(tree, target, NULL, name);
}

static int add_directory(const struct container *c, const struct layers *l, int lower, int root, const char *name,
                         const struct stat *st)
{
	bool made = mkdirat(root, name, st->st_mode & 0777) == 0;

	if (!made && errno != EEXIST)
		return -errno;
	if (made && fchmodat(root, name, (st->st_mode & 07777) | 0700, 0) < 0)
		return -errno;
	if (is_mount_point(lower, name) || faccessat(lower, name, R_OK | X_OK, AT_EACCESS) < 0)
		return 0;
	auto_close int target = openat(root, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (target < 0)
		return errno == ENOTDIR || errno == ELOOP ? 0 : -errno; // replaced by the container
	int r = overlay_on(c, l, name, target);
	return r == -EINVAL ? show_read_only(lower, name, target) : r;
}

static int add_entry(const struct container *c, const struct layers *l, int lower, int root, const char *name)
{
	char link[4096];
	struct stat st;

	if (fstatat(lower, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT || errno == EACCES ? 0 : -errno;
	if (S_ISDIR(st.st_mode))
		return add_directory(c, l, lower, root, name, &st);
	ssize_t n = S_ISLNK(st.st_mode) ? readlinkat(lower, name, link, sizeof(link) - 1) : -1;
	if (n < 0)
		return 0; // files at the top level (a kernel, a swap file) are not shown
	link[n] = '\0';
	return symlinkat(link, root, name) < 0 && errno != EEXIST ? -errno : 0;
}

int assemble_fill(const struct container *c, const struct plan_mount *m, int root, struct err *e)
{
	auto_layers l = layers_of(m);
	DIR *dir = opendir(l.lower);
	struct dirent *entry;
	int r = 0;

	if (!dir)
		return err_set(e, errno, "cannot read '%s'", l.lower);
	while (r == 0 && (entry = readdir(dir)))
		if (!str_equal(entry->d_name, ".") && !str_equal(entry->d_name, "..")) {
			r = add_entry(c, &l, dirfd(dir), root, entry->d_name);
			if (r < 0)
				err_set(e, -r, "cannot add '%s' to the root", entry->d_name);
		}
	closedir(dir);
	return r;
}

// Whether the configuration has a mount on /NAME.
static bool is_destination(const struct plan *plan, const char *name)
{
	for (size_t i = 0; i < plan->mount_count; i++) {
		const char *at = plan->mounts[i].entry->destination;
		size_t n = strlen(name);

		at += strspn(at, "/");
		if (strncmp(at, name, n) == 0 && at[n + strspn(at + n, "/")] == '\0')
			return true;
	}
	return false;
}

int assemble_protect(const struct container *c, int root, struct err *e)
{
	DIR *dir = fs_open_directory(root, ".");
	struct dirent *entry;
	int r = 0;

	if (!dir)
		return err_set(e, errno, "cannot read the new root");
	while (r == 0 && (entry = readdir(dir))) {
		auto_close int below = openat(root, entry->d_name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (below < 0 || str_equal(entry->d_name, ".") || str_equal(entry->d_name, "..") ||
		    !is_mount_point(root, entry->d_name) || is_destination(&c->plan, entry->d_name))
			continue;
		r = mounts_set(below, MOUNT_ATTR_RDONLY, 0, 0, false);
		if (r < 0)
			err_set(e, -r, "cannot make '/%s' read-only", entry->d_name);
	}
	closedir(dir);
	return r;
}
