// SPDX-License-Identifier: LGPL-2.1-or-later
// tmpcopyup: fills a tmpfs with a copy of the directory that it covers: regular files, directories and links, but not
// devices and sockets. Both trees are hostile, so links are never followed.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "mounts.h"
#include "sys/write.h"

// An owner that is not mapped in the user namespace is not kept.
static int copy_owner(int fd, const struct stat *st)
{
	return fchown(fd, st->st_uid, st->st_gid) < 0 && errno != EINVAL && errno != EPERM ? -errno : 0;
}

static int copy_file(int from, int to, const char *name, const struct stat *st)
{
	auto_close int in = openat(from, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	auto_close int out = in < 0 ? -1 : openat(to, name, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, st->st_mode & 07777);
	char buffer[16384];
	ssize_t n;
	int r = 0;

	if (out < 0)
		return -errno;
	while (r == 0 && (n = read(in, buffer, sizeof(buffer))) != 0)
		r = n < 0 ? -errno : write_all(out, buffer, (size_t)n);
	r = r < 0 ? r : copy_owner(out, st);
	return r < 0 ? r : fchmod(out, st->st_mode & 07777) < 0 ? -errno : 0;
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
	int r = copy_owner(into, &st);
	return r < 0 ? r : copy_tree(below, into, depth + 1);
}

static int copy_tree(int from, int to, int depth)
{
	char buffer[4096] __attribute__((aligned(8)));
	long n;

	if (depth > MOUNTS_COPY_DEPTH)
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

int mounts_copy(int from, int to)
{
	struct stat st;

	if (fstat(from, &st) < 0)
		return -errno;
	int r = copy_owner(to, &st);
	return r < 0 ? r : copy_tree(from, to, 0);
}
