// Files and directories under a root that is not trusted: see sys/fs.h. Must not know what the files are for.
#include "sys/fs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "sys/write.h"

enum { WALK_DEPTH = 256, WALK_LINKS = 40 };

// A walk holds a descriptor of every directory from the root down to where it stands, so ".." is a step back in this list
// and never a lookup: whatever is moved around meanwhile, it cannot lead above the root.
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

// The umask belongs to all threads and is never changed here: what it took away from a new directory is given back, by descriptor.
int fs_make_directory(int dir_fd, const char *name, mode_t mode)
{
	char self[40];
	struct stat st;

	if (mkdirat(dir_fd, name, mode) < 0)
		return -errno;
	if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode) && (st.st_mode & 0777) == (mode & 0777))
		return 0;
	auto_close int fd = openat(dir_fd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if ((st.st_mode & 0777) == (mode & 0777))
		return 0;
	snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
	return chmod(self, mode | (st.st_mode & S_ISGID)) < 0 ? -errno : 0;
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

// A link of proc(5) that only shows where its file is outside of the root ("/srv/x", "pipe:[1]"); the others there are relative ("self").
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
	int fd = w.depth ? fcntl(w.at[w.depth], F_DUPFD_CLOEXEC, 3) : openat(root_fd, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
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

// The usual case of FS_CREATE: only the last part is missing. What is more tangled is left to the walk.
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
	struct open_how how = {.flags = (unsigned)flags | O_CLOEXEC, .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV};
	long fd = syscall(SYS_openat2, dir_fd, path, &how, sizeof(how));

	if (fd < 0 && (errno == ENOSYS || errno == EPERM))
		return fs_walk_beneath(dir_fd, path, flags);
	return fd < 0 ? -errno : (int)fd;
}

int fs_reopen(int path_fd, int flags)
{
	char name[40];

	snprintf(name, sizeof(name), "/proc/self/fd/%d", path_fd);
	int fd = open(name, flags | O_CLOEXEC);
	return fd >= 0 ? fd : -errno;
}

char *fs_path_of(int fd)
{
	char link[40], path[PATH_MAX];

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	ssize_t n = readlink(link, path, sizeof(path));
	return n > 0 && path[0] == '/' ? mem_strndup(path, (size_t)n) : NULL;
}

bool fs_is_same(int a, int b)
{
	struct stat x, y;

	return fstat(a, &x) == 0 && fstat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

int fs_mount_id(int fd)
{
	struct statx st;

	return statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &st) < 0 ? -errno : (int)st.stx_mnt_id;
}

bool fs_is_type(int fd, unsigned long magic)
{
	struct statfs st;

	return fstatfs(fd, &st) == 0 && (unsigned long)st.f_type == magic;
}

int fs_make_directories(const char *path, mode_t mode, struct err *e)
{
	auto_free char *copy = mem_strdup(path);
	int r = fs_make_directory(AT_FDCWD, path, mode);

	if (r == 0 || r == -EEXIST)
		return 0;
	for (char *p = copy; *p; p++) {
		if (*p != '/' || p == copy)
			continue;
		*p = '\0';
		r = fs_make_directory(AT_FDCWD, copy, mode);
		if (r < 0 && r != -EEXIST)
			return err_set(e, -r, "cannot make directory '%s'", copy);
		*p = '/';
	}
	r = fs_make_directory(AT_FDCWD, path, mode);
	return r < 0 && r != -EEXIST ? err_set(e, -r, "cannot make directory '%s'", path) : 0;
}

int fs_write_file(int dir_fd, const char *name, const void *bytes, size_t size)
{
	auto_close int fd = openat(dir_fd, name, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	ssize_t n = write(fd, bytes, size);
	if (n < 0)
		return -errno;
	return (size_t)n == size ? 0 : -EIO;
}

int fs_write_text(int dir_fd, const char *name, const char *text)
{
	return fs_write_file(dir_fd, name, text, strlen(text));
}

static int make_durable(int fd)
{
	return fsync(fd) < 0 && errno != EINVAL && errno != EROFS ? -errno : 0;
}

// One of that name is what a process of this number has left, or what somebody else wants to be written to: neither is used.
static int open_new(int dir_fd, const char *name, mode_t mode)
{
	int fd = openat(dir_fd, name, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, mode);

	if (fd < 0 && errno == EEXIST && unlinkat(dir_fd, name, 0) == 0)
		fd = openat(dir_fd, name, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, mode);
	return fd;
}

static int replace_file(int dir_fd, const char *name, mode_t mode, const void *bytes, size_t size, bool durable, struct err *e)
{
	auto_free char *temporary = mem_printf(".%s.%ld", name, (long)getpid());
	auto_close int fd = open_new(dir_fd, temporary, mode);

	if (fd < 0)
		return err_set(e, errno, "cannot create '%s'", temporary);
	int r = write_all(fd, bytes, size);
	if (r == 0 && durable)
		r = make_durable(fd);
	if (r == 0 && renameat(dir_fd, temporary, dir_fd, name) < 0)
		r = -errno;
	if (r == 0)
		return 0;
	unlinkat(dir_fd, temporary, 0);
	return err_set(e, -r, "cannot write '%s'", name);
}

int fs_create_file(int dir_fd, const char *name, mode_t mode, const void *bytes, size_t size, struct err *e)
{
	auto_close int fd = open_new(dir_fd, name, mode);
	int r = fd < 0 ? -errno : write_all(fd, bytes, size);

	if (r < 0 && fd >= 0)
		unlinkat(dir_fd, name, 0);
	return r < 0 ? err_set(e, -r, "cannot create '%s'", name) : 0;
}

int fs_replace_file(int dir_fd, const char *name, mode_t mode, const void *bytes, size_t size, struct err *e)
{
	return replace_file(dir_fd, name, mode, bytes, size, true, e);
}

int fs_replace_volatile(int dir_fd, const char *name, mode_t mode, const void *bytes, size_t size, struct err *e)
{
	return replace_file(dir_fd, name, mode, bytes, size, false, e);
}

int fs_reopen_regular(int path_fd, const char *name, struct err *e)
{
	struct stat st;

	if (fstat(path_fd, &st) < 0)
		return err_set(e, errno, "cannot open '%s'", name);
	if (S_ISLNK(st.st_mode))
		return err_msg(e, ELOOP, "'%s' is a symbolic link", name);
	if (!S_ISREG(st.st_mode))
		return err_msg(e, EINVAL, "'%s' is not a regular file", name);
	int fd = fs_reopen(path_fd, O_RDONLY | O_NONBLOCK);
	return fd < 0 ? err_set(e, -fd, "cannot open '%s'", name) : fd;
}

int fs_open_regular(int dir_fd, const char *name, struct err *e)
{
	auto_close int path = openat(dir_fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);

	return path < 0 ? err_set(e, errno, "cannot open '%s'", name) : fs_reopen_regular(path, name, e);
}

// SIZE: the expected size, 0 if unknown.
static ssize_t read_to_end(int fd, const char *name, size_t size, size_t limit, char **bytes, struct err *e)
{
	size_t used = 0, room = (size && size < limit ? size : limit < 4096 ? limit : 4096) + 1;
	auto_free char *buffer = mem_new(room + 1);

	while (!size || used != size) {
		ssize_t n = read(fd, buffer + used, room - used);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_set(e, errno, "cannot read '%s'", name);
		if (n == 0)
			break;
		used += (size_t)n;
		if (used > limit)
			return err_msg(e, EFBIG, "'%s' is larger than %zu bytes", name, limit);
		if (used == room)
			buffer = mem_resize(buffer, (room *= 2) + 1, 1);
	}
	buffer[used] = '\0';
	*bytes = steal(buffer);
	return (ssize_t)used;
}

ssize_t fs_read_open(int fd, const char *name, size_t limit, char **bytes, struct err *e)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return err_set(e, errno, "cannot read '%s'", name);
	if (!S_ISREG(st.st_mode))
		return err_msg(e, EINVAL, "'%s' is not a regular file", name);
	return read_to_end(fd, name, st.st_size > 0 ? (size_t)st.st_size : 0, limit, bytes, e);
}

ssize_t fs_read_input(const char *path, size_t limit, char **bytes, struct err *e)
{
	auto_close int fd = open(path, O_RDONLY | O_NOCTTY | O_CLOEXEC);

	return fd < 0 ? err_set(e, errno, "cannot open '%s'", path) : read_to_end(fd, path, 0, limit, bytes, e);
}

ssize_t fs_read_file(int dir_fd, const char *name, size_t limit, char **bytes, struct err *e)
{
	auto_close int fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	return fd < 0 ? err_set(e, errno, "cannot open '%s'", name) : fs_read_open(fd, name, limit, bytes, e);
}

// A hostile tree may be deeper than there are descriptors: what lies too deep is moved up and removed in a further turn.
struct removal {
	int top;
	int mount; // what is mounted below, also of the same file system, is not what is to be removed
	unsigned moved;
};
enum { REMOVE_DEPTH = 64 };

static int remove_below(struct removal *r, int fd, int depth);

static int move_up(struct removal *r, int dir, const char *name)
{
	char place[32];

	(void)!fchmodat(dir, name, 0700, 0); // a directory that changes its parent must be writable itself
	for (;;) {
		snprintf(place, sizeof(place), ".deep.%u", ++r->moved);
		if (renameat2(dir, name, r->top, place, RENAME_NOREPLACE) == 0)
			return 0;
		if (errno != EEXIST)
			return -errno;
	}
}

static int open_to_remove(int dir, const char *name)
{
	int below = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (below < 0 && errno == EACCES && fchmodat(dir, name, 0700, 0) == 0)
		below = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return below < 0 ? -errno : below;
}

static int remove_entry(struct removal *r, int dir, const char *name, int depth)
{
	if (unlinkat(dir, name, 0) == 0 || errno == ENOENT)
		return 0;
	if (unlinkat(dir, name, AT_REMOVEDIR) == 0) // empty: also one that may not be opened, as overlay leaves
		return 0;
	if (depth >= REMOVE_DEPTH)
		return move_up(r, dir, name);
	auto_close int below = open_to_remove(dir, name);
	if (below < 0)
		return below == -ENOENT ? 0 : below;
	if (fs_mount_id(below) != r->mount)
		return -EBUSY;
	int result = remove_below(r, steal_fd(&below), depth + 1);
	if (result == 0 && unlinkat(dir, name, AT_REMOVEDIR) < 0 && errno != ENOENT)
		result = -errno;
	return result;
}

// Takes FD.
static int remove_below(struct removal *r, int fd, int depth)
{
	DIR *dir = fdopendir(fd);
	struct dirent *entry;
	int result = 0;

	if (!dir) {
		close(fd);
		return -errno;
	}
	fchmod(dirfd(dir), 0700); // ours it is, or this fails and so will what follows
	while ((entry = readdir(dir))) {
		if (str_equal(entry->d_name, ".") || str_equal(entry->d_name, ".."))
			continue;
		int each = remove_entry(r, dirfd(dir), entry->d_name, depth);
		result = each < 0 ? each : result;
	}
	closedir(dir);
	return result;
}

int fs_remove_tree(int dir_fd, const char *name, struct err *e)
{
	int result = 0;

	if (unlinkat(dir_fd, name, 0) == 0 || errno == ENOENT)
		return 0;
	auto_close int top = open_to_remove(dir_fd, name);
	int mount = top < 0 ? top : fs_mount_id(top), parent = top < 0 ? top : fs_mount_id(dir_fd);
	if (mount < 0)
		return err_set(e, -mount, "cannot open '%s' to remove it", name);
	if (dir_fd != AT_FDCWD && mount != parent)
		return err_set(e, EBUSY, "cannot remove '%s', on which something is mounted", name);
	struct removal r = {.top = top, .mount = mount, .moved = 1};
	while (result == 0 && r.moved) {
		r.moved = 0;
		result = remove_below(&r, openat(top, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), 0);
	}
	if (result == 0 && unlinkat(dir_fd, name, AT_REMOVEDIR) < 0 && errno != ENOENT)
		result = -errno;
	return result < 0 ? err_set(e, -result, "cannot remove '%s'", name) : 0;
}
