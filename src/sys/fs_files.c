// Reading and replacing small files: see sys/fs.h.
#include "sys/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "sys/write.h"

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

// An existing file of that name was left by an earlier process with this pid or planted by another user: it is not
// used.
static int open_new(int dir_fd, const char *name, mode_t mode)
{
	int fd = openat(dir_fd, name, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, mode);

	if (fd < 0 && errno == EEXIST && unlinkat(dir_fd, name, 0) == 0)
		fd = openat(dir_fd, name, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, mode);
	return fd;
}

static int replace_file(int dir_fd, const char *name, mode_t mode, const void *bytes, size_t size, bool durable,
                        struct err *e)
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
