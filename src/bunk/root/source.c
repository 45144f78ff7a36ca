// SPDX-License-Identifier: LGPL-2.1-or-later
// Opens the sources of bind mounts. The specification does not restrict symbolic links in a source, and configurations
// use them. But in a directory that is writable for the container through another mount, the container or one that
// shares it may have replaced files with links: those must not lead out of that directory, whichever path led there.
// So a source with links is resolved here, component by component, with descriptors. See doc/bunk.md.
#include "source.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/auto_fs.h>
#include <linux/magic.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "bunk/container/container.h"
#include "device_nodes.h"
#include "guarded.h"
#include "mounts.h"
#include "sys/fs.h"
#include "sys/pty.h"

enum { LINKS_MAX = 40 }; // the kernel's limit

struct walk {
	struct guarded guarded;
	const struct guard *entered; // the first directory that the container can write to
	int here;                    // a directory
	int links;
};

static int open_without_links(const char *path)
{
	struct open_how how = {.flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS};
	long fd = syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how));

	return fd < 0 ? -errno : (int)fd;
}

static bool has_dots(const char *path)
{
	for (; path; path = strchr(path, '/')) {
		path += strspn(path, "/");
		if (strncmp(path, "..", 2) == 0 && (path[2] == '/' || !path[2]))
			return true;
	}
	return false;
}

static int move_to(struct walk *w, int fd)
{
	if (fd < 0)
		return -errno;
	close(w->here);
	w->here = fd;
	return 0;
}

static int walk_path(struct walk *w, const char *path, int *found);

// A magic link in /proc may lead to a mount in the mount namespace of another process. Resolves its path in this one,
// and checks that it is the same file.
static int follow_magic(struct walk *w, const char *name, int *found)
{
	auto_close int there = openat(w->here, name, O_PATH | O_CLOEXEC);
	auto_free char *path = there < 0 ? NULL : fs_path_of(there);

	if (!path)
		return there < 0 ? -errno : -EINVAL;
	int r = walk_path(w, path, found);
	if (r == 0 && !fs_is_same(there, *found >= 0 ? *found : w->here))
		r = -ESTALE;
	return r;
}

static int follow_link(struct walk *w, int link, const char *name, int *found)
{
	char target[PATH_MAX];

	if (++w->links > LINKS_MAX)
		return -ELOOP;
	if (fs_is_type(link, PROC_SUPER_MAGIC))
		return follow_magic(w, name, found);
	ssize_t n = readlinkat(link, "", target, sizeof(target) - 1);
	if (n < 0)
		return -errno;
	target[n] = '\0';
	return walk_path(w, target, found);
}

// Resolves one component from W->here. A directory becomes W->here, anything else *FOUND.
static int walk_component(struct walk *w, const char *name, int *found)
{
	struct stat st;

	if (!w->entered)
		w->entered = guarded_around(&w->guarded, w->here);
	if (str_equal(name, ".."))
		return move_to(w, openat(w->here, "..", O_PATH | O_DIRECTORY | O_CLOEXEC));
	auto_close int fd = openat(w->here, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (S_ISLNK(st.st_mode))
		return follow_link(w, fd, name, found);
	if (!S_ISDIR(st.st_mode))
		return *found = steal_fd(&fd), 0;
	if (!w->entered && fs_is_type(fd, AUTOFS_SUPER_MAGIC)) { // mounted on lookup
		auto_free char *inside = mem_printf("%s/.", name);
		return move_to(w, openat(w->here, inside, O_PATH | O_DIRECTORY | O_CLOEXEC));
	}
	return move_to(w, steal_fd(&fd));
}

static int walk_path(struct walk *w, const char *path, int *found)
{
	int r = path[0] == '/' ? move_to(w, open("/", O_PATH | O_DIRECTORY | O_CLOEXEC)) : 0;

	for (path += strspn(path, "/"); r == 0 && *path; path += strspn(path, "/")) {
		size_t n = strcspn(path, "/");
		auto_free char *name = mem_strndup(path, n);

		path += n;
		if (*found >= 0)
			return -ENOTDIR;
		r = str_equal(name, ".") ? 0 : walk_component(w, name, found);
	}
	return r;
}

// For a file, W->here is its directory.
static int follow_path(struct walk *w, const char *path, struct err *e)
{
	auto_close int found = -1;
	int r = walk_path(w, path, &found);

	if (r < 0)
		return err_set(e, -r, "cannot bind '%s'", path);
	if (w->entered && !guarded_has(&w->guarded, w->entered, w->here))
		return err_msg(e, EXDEV, "'%s' leads out of '%s', which is writable for the container",
		               path, w->entered->name);
	return found >= 0 ? steal_fd(&found) : steal_fd(&w->here);
}

static int open_source(const struct container *c, const char *path, struct err *e)
{
	struct walk w = {.here = -1};
	int fd = has_dots(path) ? -ELOOP : open_without_links(path);

	if (fd >= 0)
		return fd;
	if (fd != -ELOOP && fd != -ENOSYS && fd != -EPERM)
		return err_set(e, -fd, "cannot bind '%s'", path);
	guarded_find(&w.guarded, c);
	fd = follow_path(&w, path, e);
	if (w.here >= 0)
		close(w.here);
	guarded_done(&w.guarded);
	return fd;
}

// Whether PATH is /proc/PID/fd/N of the root of a mount without a path: a detached mount (open_tree(2), fsmount(2)),
// or "/" itself, which is in no directory that the container can write to.
static bool is_unattached(const char *path)
{
	char link[8];
	int used = 0;

	return sscanf(path, "/proc/%*u/fd/%*u%n", &used) == 0 && used && !path[used] &&
	       readlink(path, link, sizeof(link)) == 1 && link[0] == '/';
}

static int open_unattached(const char *path, struct err *e)
{
	int fd = open(path, O_PATH | O_CLOEXEC);

	return fd < 0 ? err_set(e, errno, "cannot bind '%s'", path) : fd;
}

int mounts_source(const struct container *c, const struct plan_mount *m, struct err *e)
{
	auto_free char *path = source_path(c, m->entry->source);
	int ready = c->sources ? c->sources[m - c->plan.mounts] : -1;
	auto_close int fd = ready >= 0 ? fcntl(ready, F_DUPFD_CLOEXEC, 3)
	                    : is_unattached(path) ? open_unattached(path, e) : open_source(c, path, e);

	if (fd < 0)
		return fd;
	int tree = mounts_bind(fd, "", m->recursive_bind, NULL);
	if (tree == -EINVAL && is_unattached(path)) // it can be moved but not copied
		tree = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	return tree < 0 ? err_set(e, -tree, "cannot bind '%s'", path) : tree;
}

static bool is_sent(const struct container *c, size_t i)
{
	return c->plan.mounts[i].bind && !c->plan.mounts[i].remount && !(c->trees && c->trees[i] >= 0);
}

// Runs in a separate process, which stays in the user namespace of the parent.
static int send_all(const struct container *c)
{
	auto_close int pidfd = pidfd_open(c->pid, 0);
	bool inside = pidfd >= 0 && setns(pidfd, CLONE_NEWNS) == 0;
	auto_close int root = inside ? open(c->rootfs, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
	int r = send_or_none(c->sync[0], root);

	for (size_t i = 0; r == 0 && i < c->plan.mount_count; i++) {
		if (!is_sent(c, i))
			continue;
		auto_free char *path = source_path(c, c->plan.mounts[i].entry->source);
		auto_close int fd = inside ? open_source(c, path, NULL) : -1;
		r = send_or_none(c->sync[0], fd);
	}
	return r < 0 ? r : device_nodes_send(c, root);
}

int sources_send(struct container *c, struct err *e)
{
	pid_t pid = c->sends_sources ? fork() : 0;
	int status;

	if (!c->sends_sources)
		return 0;
	if (pid < 0)
		return err_set(e, errno, "cannot create a process to open the sources of mounts");
	if (pid == 0) {
		int r = send_all(c);
		_exit(r < 0 && r != -EPIPE && r != -ECONNRESET); // a dead child is reported later, by the wait for it
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	// an error, since the child would wait for the missing messages
	return status ? err_msg(e, EIO, "cannot open the sources of mounts: the helper process failed or was killed")
	              : 0;
}

int sources_receive(struct container *c, struct err *e)
{
	char text[16];

	if (!c->sends_sources)
		return 0;
	c->sources = mem_array(c->plan.mount_count, sizeof(*c->sources));
	c->root_place = fd_receive(c->sync[1], text, sizeof(text));
	int r = c->root_place < 0 && c->root_place != -EPROTO ? c->root_place : 0;
	for (size_t i = 0; i < c->plan.mount_count; i++) {
		c->sources[i] = r == 0 && is_sent(c, i) ? fd_receive(c->sync[1], text, sizeof(text)) : -1;
		if (c->sources[i] < 0 && is_sent(c, i) && c->sources[i] != -EPROTO)
			r = r < 0 ? r : c->sources[i];
	}
	if (r == 0)
		r = device_nodes_receive(c);
	return r < 0 ? err_set(e, -r, "cannot receive the sources of mounts") : 0;
}
