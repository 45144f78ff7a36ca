// SPDX-License-Identifier: LGPL-2.1-or-later
// The host directories that the container can write to: see guarded.h.
#include "guarded.h"

#include <fcntl.h>
#include <linux/mount.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "bunk/container/container.h"
#include "sys/fs.h"

char *source_path(const struct container *c, const char *source)
{
	return source[0] == '/' ? mem_strdup(source) : mem_printf("%s/%s", c->bundle, source);
}

static void guarded_add(struct guarded *g, const struct container *c, const char *source)
{
	auto_free char *path = source_path(c, source);
	int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return;
	g->items = mem_resize(g->items, g->count + 1, sizeof(*g->items));
	g->items[g->count++] = (struct guard){.fd = fd, .name = steal(path)};
}

// A later remount may make a read-only bind mount writable.
static bool has_writable_remount(const struct plan *plan)
{
	for (size_t i = 0; i < plan->mount_count; i++)
		if (plan->mounts[i].remount && !(plan->mounts[i].set & MOUNT_ATTR_RDONLY))
			return true;
	return false;
}

static bool is_read_only(const struct plan_mount *m)
{
	return (m->set | m->set_below) & MOUNT_ATTR_RDONLY && !((m->clear | m->clear_below) & MOUNT_ATTR_RDONLY);
}

// "ro" applies only to the mount itself, not to recursively bound ones below. Links cannot be created in kernel file
// systems.
static void add_below(struct guarded *g, const struct container *c, const char *source)
{
	auto_free char *path = source_path(c, source);
	auto_close int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	auto_free char *real = fd < 0 ? NULL : fs_path_of(fd);
	size_t n = real && real[1] ? strlen(real) : 0; // 0: "/"

	for (size_t i = 0; real && i < g->rows.count; i++) {
		const struct mount_row *row = &g->rows.items[i];
		bool below = strncmp(row->point, real, n) == 0 && row->point[n] == '/' && row->point[n + 1];

		if (below && !str_equal(row->type, "proc") && !str_equal(row->type, "sysfs"))
			guarded_add(g, c, row->point);
	}
}

static void add_bind(struct guarded *g, const struct container *c, const struct plan_mount *m, bool remount)
{
	if (remount || !is_read_only(m))
		guarded_add(g, c, m->entry->source);
	else if (m->recursive_bind && !(m->set_below & MOUNT_ATTR_RDONLY))
		add_below(g, c, m->entry->source);
}

void guarded_find(struct guarded *g, const struct container *c)
{
	bool remount = has_writable_remount(&c->plan);

	*g = (struct guarded){0};
	mountinfo_read(&g->rows, AT_FDCWD, "/proc/self/mountinfo", NULL);
	for (size_t i = 0; i < c->plan.mount_count; i++) {
		const struct plan_mount *m = &c->plan.mounts[i];

		if (m->bind && !m->remount && m->entry->source)
			add_bind(g, c, m, remount);
		for (size_t k = 0; k < m->data_count; k++)
			if (str_starts(m->data[k], "upperdir="))
				guarded_add(g, c, m->data[k] + strlen("upperdir="));
	}
	guarded_add(g, c, c->rootfs);
}

void guarded_done(struct guarded *g)
{
	for (size_t i = 0; i < g->count; i++) {
		close(g->items[i].fd);
		free(g->items[i].name);
	}
	free(g->items);
	mountinfo_done(&g->rows);
	*g = (struct guarded){0};
}

static bool is_below(int fd, int directory)
{
	int here = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	bool found = false;

	while (here >= 0 && !(found = fs_is_same(here, directory))) {
		int above = openat(here, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);

		if (above >= 0 && fs_is_same(above, here) && fs_mount_id(above) == fs_mount_id(here)) { // "/"
			close(above);
			break;
		}
		close(here);
		here = above;
	}
	if (here >= 0)
		close(here);
	return found;
}

// The path of FD within its file system, independent of the mount through which it was opened.
static char *inner_path(const struct mount_rows *rows, int fd, const struct mount_row **row)
{
	auto_free char *path = fs_path_of(fd);
	const struct mount_row *mount = mountinfo_find(rows, fs_mount_id(fd));
	size_t n = mount ? strlen(mount->point) : 0;

	*row = mount;
	if (!path || !mount || strncmp(path, mount->point, n) != 0)
		return NULL;
	return mem_printf("%s/%s/", mount->root, path + n);
}

// Whether INNER is OUTER or below it. Both end with '/', and may contain repeated slashes.
static bool is_prefix(const char *outer, const char *inner)
{
	for (;;) {
		outer += strspn(outer, "/");
		inner += strspn(inner, "/");
		size_t n = strcspn(outer, "/");

		if (!*outer)
			return true;
		if (strncmp(outer, inner, n) != 0 || inner[n] != '/')
			return false;
		outer += n;
		inner += n;
	}
}

static bool is_mounted_elsewhere(const struct mount_rows *rows, int fd, int directory)
{
	const struct mount_row *a, *b;
	auto_free char *inner = inner_path(rows, fd, &a), *outer = inner_path(rows, directory, &b);

	return inner && outer && a != b && a->major == b->major && a->minor == b->minor && is_prefix(outer, inner);
}

bool guarded_has(const struct guarded *g, const struct guard *guard, int fd)
{
	return is_below(fd, guard->fd) || is_mounted_elsewhere(&g->rows, fd, guard->fd);
}

const struct guard *guarded_around(const struct guarded *g, int fd)
{
	for (size_t i = 0; i < g->count; i++)
		if (guarded_has(g, &g->items[i], fd))
			return &g->items[i];
	return NULL;
}
