// SPDX-License-Identifier: LGPL-2.1-or-later
// The resources of a running container that belong to the host: bind mounts, namespaces joined by path, the files of
// descriptors 0, 1 and 2. criu does not save them; restore provides them again.
#include "host_env.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "bunk/container/container.h"
#include "bunk/plan/plan.h"
#include "criu.h"
#include "images.h"
#include "sys/fs.h"
#include "sys/mountinfo.h"
#include "sys/proc.h"

// A destination of the configuration as a path in the container, with links resolved.
struct place {
	char *path;
	const struct plan_mount *mount;
};

struct host_env {
	const struct container *c;
	int root;
	struct place *places;
	size_t count;
};

static void host_env_done(struct host_env *s)
{
	if (s->root >= 0)
		close(s->root);
	for (size_t i = 0; i < s->count; i++)
		free(s->places[i].path);
	free(s->places);
}

static void find_places(struct host_env *s)
{
	const struct plan *plan = &s->c->plan;

	s->places = mem_array(plan->mount_count + 1, sizeof(*s->places));
	for (size_t i = 0; i < plan->mount_count; i++) {
		auto_close int fd =
		    plan->mounts[i].remount ? -1 : fs_resolve(s->root, plan->mounts[i].entry->destination, 0, NULL);
		char *path = fd < 0 ? NULL : fs_path_of(fd);

		if (path)
			s->places[s->count++] = (struct place){path, &plan->mounts[i]};
	}
}

// The innermost mount of the configuration that PATH is on or below; of several at one place the last, which covers
// the others.
static const struct place *place_of(const struct host_env *s, const char *path)
{
	const struct place *found = NULL;

	for (size_t i = 0; i < s->count; i++)
		if (str_is_within(path, s->places[i].path) && (!found || strlen(s->places[i].path) >= strlen(found->path)))
			found = &s->places[i];
	return found;
}

static bool is_device(const struct host_env *s, const char *path)
{
	auto_close int fd = fs_resolve(s->root, path, FS_NO_LINKS, NULL);
	struct stat st;

	return fd >= 0 && fstat(fd, &st) == 0 && (S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode));
}

// Whether the mount is bound from the host, by the configuration or by bunk: the device node over a masked file, nodes
// in a user namespace, or the console.
static bool is_bound(const struct host_env *s, const char *path)
{
	const struct place *p = place_of(s, path);

	if (str_equal(path, "/"))
		return false;
	if (p && (p->mount->bind || p->mount->cgroup) && !str_equal(p->path, "/"))
		return p->mount->cgroup || p->mount->recursive_bind || str_equal(path, p->path);
	return is_device(s, path);
}

static void find_mounts(const struct host_env *s, const struct mount_rows *rows, struct strv *found)
{
	for (size_t i = 0; i < rows->count; i++) {
		const char *path = rows->items[i].point;

		if (is_bound(s, path) && !strv_has(found, path))
			strv_add(found, path);
	}
}

// The id of the mount that the file of a descriptor is on (proc_pid_fdinfo(5)), -1: unknown.
static int mount_of(const struct container *c, int fd)
{
	auto_free char *path = mem_printf("/proc/%d/fdinfo/%d", c->state.pid, fd);
	char text[1024];
	const char *at = proc_read_file(path, text, sizeof(text)) > 0 ? strstr(text, "mnt_id:") : NULL;

	return at ? atoi(at + strlen("mnt_id:")) : -1;
}

static bool is_terminal(const struct stat *st)
{
	unsigned type = major(st->st_rdev);

	return S_ISCHR(st->st_mode) && (type == 4 || type == 5 || (type >= 136 && type <= 143)); // admin-guide/devices.txt
}

// criu's name for the first process's descriptor FD if it belongs to the host: a pipe or socket to the outside, a file
// or terminal of the host; else "". It is added to EXTERNAL.
static char *outside_name(const struct container *c, int fd, const struct mount_rows *rows, struct strv *external)
{
	auto_free char *path = mem_printf("/proc/%d/fd/%d", c->state.pid, fd);
	char link[4096] = "";
	struct stat st;
	int mount = mount_of(c, fd);
	char *name;

	if (readlink(path, link, sizeof(link) - 1) <= 0 || stat(path, &st) < 0)
		return mem_strdup("");
	if (S_ISFIFO(st.st_mode) && str_starts(link, "pipe:"))
		return mem_strdup(link);
	if (S_ISSOCK(st.st_mode))
		return strv_addf(external, "unix[%llu]", (unsigned long long)st.st_ino), mem_strdup(link);
	if (mountinfo_find(rows, mount))
		return mem_strdup("");
	if (is_terminal(&st))
		name = mem_printf("tty[%llx:%llx]", (unsigned long long)st.st_rdev, (unsigned long long)st.st_dev);
	else
		name = mem_printf("file[%x:%llx]", (unsigned)mount, (unsigned long long)st.st_ino);
	strv_add(external, name);
	return name;
}

// A namespace joined by path, which criu need not save: by its inode.
static int add_namespaces(const struct container *c, struct strv *external, struct err *e)
{
	for (size_t i = 0; i < c->plan.join_count; i++) {
		const char *key = criu_namespace_key(c->plan.joins[i].flag),
		           *name = plan_namespace_file(c->plan.joins[i].flag);
		auto_free char *path = mem_printf("/proc/%d/ns/%s", c->state.pid, name);
		struct stat st;

		if (key && stat(path, &st) < 0)
			return err_set(e, errno, "cannot read its %s namespace", name);
		if (key)
			strv_addf(external, "%s[%llu]:%s", name, (unsigned long long)st.st_ino, key);
	}
	return 0;
}

int host_env_find(const struct container *c, struct notes *notes, struct strv *external, struct err *e)
{
	auto_free char *root = mem_printf("/proc/%d/root", c->state.pid);
	auto_free char *mountinfo = mem_printf("/proc/%d/mountinfo", c->state.pid);
	auto_mounts rows = {0};
	struct host_env s = {.c = c, .root = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC)};

	if (s.root < 0 || mountinfo_read(&rows, AT_FDCWD, mountinfo, NULL) < 0) {
		host_env_done(&s);
		return err_msg(e, ESRCH, "cannot read the mounts of its first process");
	}
	find_places(&s);
	find_mounts(&s, &rows, &notes->mounts);
	host_env_done(&s);
	for (size_t i = 0; i < notes->mounts.count; i++)
		strv_addf(external, "mnt[%s]:%s", notes->mounts.items[i], notes->mounts.items[i]);
	for (int fd = 0; fd < 3; fd++)
		strv_take(&notes->descriptors, outside_name(c, fd, &rows, external));
	return add_namespaces(c, external, e);
}
