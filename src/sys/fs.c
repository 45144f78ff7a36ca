// Descriptors and directories: see sys/fs.h.
#include "sys/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/mem.h"

int fs_reopen(int path_fd, int flags)
{
	char name[40];

	snprintf(name, sizeof(name), "/proc/self/fd/%d", path_fd);
	int fd = open(name, flags | O_CLOEXEC);
	return fd >= 0 ? fd : -errno;
}

DIR *fs_open_directory(int dir_fd, const char *name)
{
	int fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (!dir && fd >= 0)
		close(fd);
	return dir;
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

// The umask is shared by all threads and never changed here: the bits it cleared in a new directory are set again,
// through a descriptor.
int fs_make_directory(int dir_fd, const char *name, mode_t mode)
{
	char self[40];
	struct stat st;

	if (mkdirat(dir_fd, name, mode) < 0)
		return -errno;
	if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode) &&
	    (st.st_mode & 0777) == (mode & 0777))
		return 0;
	auto_close int fd = openat(dir_fd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if ((st.st_mode & 0777) == (mode & 0777))
		return 0;
	snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
	return chmod(self, mode | (st.st_mode & S_ISGID)) < 0 ? -errno : 0;
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
