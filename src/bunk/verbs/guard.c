// SPDX-License-Identifier: LGPL-2.1-or-later
// Protects the runtime's own executable (CVE-2019-5736): a container whose program is /proc/self/exe, or that opens
// /proc/PID/exe of bunk's child, can access the file that this process was executed from. If the container could write
// to it, a protected copy is executed instead.
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/mem.h"
#include "bunk/bunk.h"

#define SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

static bool is_sealed(void)
{
	auto_close int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

	int seals = fd < 0 ? -1 : fcntl(fd, F_GET_SEALS); // -1 unless it is a memfd

	return seals >= 0 && (seals & SEALS) == SEALS;
}

// A detached, read-only mount of the executable. Once its descriptor is closed, no process can make it writable.
static int read_only_clone(void)
{
	struct mount_attr attr = {.attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOSUID};
	auto_close int fd = open_tree(AT_FDCWD, "/proc/self/exe", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);

	if (fd < 0 || mount_setattr(fd, "", AT_EMPTY_PATH, &attr, sizeof(attr)) < 0)
		return -errno;
	return steal_fd(&fd);
}

// On a busy machine recently written pages may still be referenced by another CPU: the kernel waits for a while and
// then fails with EBUSY.
static int seal_copy(int fd)
{
	int r = -EBUSY;

	for (int attempt = 0; r == -EBUSY && attempt < 10; attempt++)
		r = fcntl(fd, F_ADD_SEALS, SEALS) < 0 ? -errno : 0;
	return r;
}

// For users without the privilege to mount: a sealed copy in memory, which is not charged to the container's group.
static int sealed_copy(void)
{
	auto_close int from = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	auto_close int to = memfd_create("bunk", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	struct stat st;

	if (from < 0 || to < 0 || fstat(from, &st) < 0)
		return -errno;
	for (off_t left = st.st_size; left > 0;) {
		ssize_t n = sendfile(to, from, NULL, (size_t)left);

		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		left -= n;
	}
	int r = fchmod(to, 0500) < 0 ? -errno : seal_copy(to);
	return r < 0 ? r : steal_fd(&to);
}

int bunk_guard_self(char **argv, struct err *e)
{
	// if this user cannot write to it, neither can the container; EROFS: a read-only clone
	if (faccessat(AT_FDCWD, "/proc/self/exe", W_OK, AT_EACCESS) < 0 &&
	    (errno == EROFS || errno == EACCES || errno == EPERM))
		return 0;
	if (is_sealed())
		return 0;
	auto_close int fd = read_only_clone();
	if (fd < 0)
		fd = sealed_copy();
	if (fd < 0)
		return err_set(e, -fd, "cannot protect the runtime's own executable");
	syscall(SYS_execveat, fd, "", argv, environ, AT_EMPTY_PATH);
	return err_set(e, errno, "cannot execute the protected copy of the runtime");
}
