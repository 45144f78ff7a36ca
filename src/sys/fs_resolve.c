// Paths below an untrusted root: see sys/fs.h.
#include "sys/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"

enum { WALK_DEPTH = 256, WALK_LINKS = 40 };

// A walk holds a descriptor of every directory from the root to the current one, so that ".." is a step back in this
// list and never a lookup: it cannot lead above the root, whatever is renamed meanwhile.
struct walk {
	int root, depth, links;
	int at[WALK_DEPTH]; // at[0] = root, not owned
	unsigned flags;
};

static void walk_done(struct walk *w)
{
	while (w->depth > 0)
		close(w->at[w->depth--]);
}

static void auto_walk_run(struct walk *w)
{
	walk_done(w);
}

static int walk_push(struct walk *w, int fd)
{
	if (w->depth + 1 >= WALK_DEPTH) {
		close(fd);
		return -ENAMETOOLONG;
	}
	w->at[++w->depth] = fd;
	return 0;
}

static int make_missing(const struct walk *w, const char *name, bool last)
{
	int here = w->at[w->depth], r;

	if (!last || w->flags & FS_DIRECTORY)
		return (r = fs_make_directory(here, name, 0755)) == -EEXIST ? 0 : r;
	auto_close int fd = openat(here, name, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd < 0)
		return errno == EEXIST ? 0 : -errno;
	return fchmod(fd, 0644) < 0 ? -errno : 0;
}

static int open_part(const struct walk *w, const char *name, bool last)
{
	int fd = openat(w->at[w->depth], name, O_PATH | O_NOFOLLOW | O_CLOEXEC);

	if (fd >= 0 || errno != ENOENT || !(w->flags & FS_CREATE))
		return fd >= 0 ? fd : -errno;
	int r = make_missing(w, name, last);
	if (r < 0)
		return r;
	fd = openat(w->at[w->depth], name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	return fd >= 0 ? fd : -errno;
}

static int walk_path(struct walk *w, const char *path, bool last_of_all);

// A magic link of proc(5), whose text is a path outside of the root ("/srv/x", "pipe:[1]"); other links there are
// relative ("self").
static bool is_magic_link(int link, const char *target)
{
	struct statfs fs;

	return (target[0] == '/' || strchr(target, ':')) && fstatfs(link, &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC;
}

static int follow_link(struct walk *w, int link, bool last)
{
	char target[PATH_MAX];

	if (w->flags & FS_NO_LINKS || ++w->links > WALK_LINKS)
		return -ELOOP;
	ssize_t n = readlinkat(link, "", target, sizeof(target) - 1);
	if (n < 0)
		return -errno;
	target[n] = '\0';
	if (is_magic_link(link, target))
		return -ELOOP;
	if (target[0] == '/')
		walk_done(w);
	return walk_path(w, target, last);
}

static int walk_part(struct walk *w, const char *name, bool last)
{
	struct stat st;

	if (str_equal(name, "."))
		return 0;
	if (str_equal(name, "..")) {
		if (w->depth > 0)
			close(w->at[w->depth--]);
		return 0;
	}
	int fd = open_part(w, name, last);
	if (fd < 0)
		return fd;
	if (fstat(fd, &st) == 0 && S_ISLNK(st.st_mode)) {
		int r = follow_link(w, fd, last);
		close(fd);
		return r;
	}
	return walk_push(w, fd);
}

static int walk_path(struct walk *w, const char *path, bool last_of_all)
{
	char name[NAME_MAX + 1];

	while (*(path += strspn(path, "/"))) {
		size_t n = strcspn(path, "/");
		const char *rest = path + n + strspn(path + n, "/");

		if (n > NAME_MAX)
			return -ENAMETOOLONG;
		memcpy(name, path, n);
		name[n] = '\0';
		int r = walk_part(w, name, last_of_all && !*rest);
		if (r < 0)
			return r;
		path = rest;
	}
	return 0;
}

static int check_kind(int fd, unsigned flags)
{
	struct stat st;

	if (!(flags & FS_DIRECTORY))
		return 0;
	if (fstat(fd, &st) < 0)
		return -errno;
	return S_ISDIR(st.st_mode) ? 0 : -ENOTDIR;
}

int fs_walk(int root_fd, const char *path, unsigned flags, struct err *e)
{
	__attribute__((cleanup(auto_walk_run))) struct walk w = {.root = root_fd, .flags = flags};

	w.at[0] = root_fd;
	int r = walk_path(&w, path, true);
	if (r == 0)
		r = check_kind(w.at[w.depth], flags);
	if (r < 0)
		return err_set(e, -r, "cannot open '%s' inside the root", path);
	int fd =
	    w.depth ? fcntl(w.at[w.depth], F_DUPFD_CLOEXEC, 3) : openat(root_fd, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return fd >= 0 ? fd : err_set(e, errno, "cannot open '%s' inside the root", path);
}

static int open_below(int root_fd, const char *path, unsigned flags)
{
	struct open_how how = {
		.flags = O_PATH | O_CLOEXEC | (flags & FS_DIRECTORY ? O_DIRECTORY : 0),
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | (flags & FS_NO_LINKS ? RESOLVE_NO_SYMLINKS : 0),
	};
	const char *below = path + strspn(path, "/");
	long fd = syscall(SYS_openat2, root_fd, *below ? below : ".", &how, sizeof(how));

	return fd < 0 ? -errno : (int)fd;
}

// The usual case of FS_CREATE: only the last part is missing. The walk handles the others.
static int create_last(int root_fd, const char *path, unsigned flags)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	auto_free char *above = mem_strndup(path, (size_t)(name - path));

	if (!*name || str_equal(name, ".") || str_equal(name, ".."))
		return -ENOENT;
	auto_close int parent = open_below(root_fd, above, (flags & FS_NO_LINKS) | FS_DIRECTORY);
	struct walk here = {.at = {parent}, .flags = flags};
	int r = parent < 0 ? parent : make_missing(&here, name, true);
	return r < 0 ? r : open_below(root_fd, path, flags);
}

int fs_resolve(int root_fd, const char *path, unsigned flags, struct err *e)
{
	int fd = open_below(root_fd, path, flags);

	if (fd == -ENOENT && flags & FS_CREATE)
		fd = create_last(root_fd, path, flags);
	if (fd >= 0)
		return fd;
	if (fd == -ENOSYS || fd == -EPERM || fd == -EAGAIN || (fd == -ENOENT && flags & FS_CREATE))
		return fs_walk(root_fd, path, flags, e);
	return err_set(e, -fd, "cannot open '%s' inside the root", path);
}

static bool is_link(int path_fd)
{
	struct stat st;

	return fstat(path_fd, &st) == 0 && S_ISLNK(st.st_mode);
}

int fs_walk_beneath(int dir_fd, const char *path, int flags)
{
	auto_close int here = fcntl(dir_fd, F_DUPFD_CLOEXEC, 3);

	while (here >= 0) {
		size_t n = strcspn(path, "/");
		auto_free char *name = mem_strndup(path, n);

		if (!n || str_equal(name, ".") || str_equal(name, ".."))
			return -EXDEV;
		int next = openat(here, name, O_NOFOLLOW | O_CLOEXEC | (path[n] ? O_PATH | O_DIRECTORY : flags));
		if (next < 0)
			return -errno;
		close(here);
		here = next;
		if (fs_mount_id(here) != fs_mount_id(dir_fd))
			return -EXDEV;
		if (!path[n])
			return is_link(here) ? -ELOOP : steal_fd(&here);
		path += n + 1;
	}
	return -errno;
}

int fs_open_beneath(int dir_fd, const char *path, int flags)
{
	struct open_how how = {.flags = (unsigned)flags | O_CLOEXEC,
	                       .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV};
	long fd = syscall(SYS_openat2, dir_fd, path, &how, sizeof(how));

	if (fd < 0 && (errno == ENOSYS || errno == EPERM))
		return fs_walk_beneath(dir_fd, path, flags);
	return fd < 0 ? -errno : (int)fd;
}
