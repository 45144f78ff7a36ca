// Files and directories below an untrusted root, and atomic replacement of small files.
#pragma once

#include <dirent.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"

enum fs_flag {
	FS_DIRECTORY = 1, // the result must be a directory
	FS_NO_LINKS = 2,  // refuse any symbolic link, on the way or at the end
	// create what is missing: directories (0755), and at the end a directory with FS_DIRECTORY, else an empty file
	// (0644); with these modes regardless of the umask
	FS_CREATE = 4,
};

// Opens PATH below the directory ROOT_FD as if that were "/": links and ".." never lead out of it (openat2(2)
// RESOLVE_IN_ROOT, or the same walk by descriptors where the kernel refuses openat2). FLAGS are enum fs_flag.
// Returns an O_PATH descriptor, or negative errno: -ENOENT, -ENOTDIR, -ELOOP (a link with FS_NO_LINKS), ….
int fs_resolve(int root_fd, const char *path, unsigned flags, struct err *e);
// The same without openat2(2): for the tests of its safety.
int fs_walk(int root_fd, const char *path, unsigned flags, struct err *e);

// Opens PATH, whose parts are plain names, below DIR_FD with FLAGS (open(2)): no link, no "..", no other mount on the
// way. Returns a descriptor or negative errno: -ELOOP, -EXDEV, ….
int fs_open_beneath(int dir_fd, const char *path, int flags);
// The same without openat2(2), which other engines' filters refuse: for the tests of its safety.
int fs_walk_beneath(int dir_fd, const char *path, int flags);

// Reopens a descriptor that was opened with O_PATH, with FLAGS (open(2)). Returns a descriptor or negative errno.
int fs_reopen(int path_fd, int flags);

// The present path of FD from the root of this process (proc_pid_fd(5)). Owned; NULL when it has none, for example a
// pipe.
char *fs_path_of(int fd);

// Whether both descriptors refer to the same file or directory, through whichever mount.
bool fs_is_same(int a, int b);
// The id of the mount that FD was opened through (proc_pid_mountinfo(5)), or negative errno.
int fs_mount_id(int fd);

// Whether FD is on a file system of that type (f_type of statfs(2), for example PROC_SUPER_MAGIC).
bool fs_is_type(int fd, unsigned long magic);

// Opens the directory NAME, which must not be a link, in DIR_FD to read its entries; "." is DIR_FD itself, which may
// have been opened with O_PATH. Close it with closedir(). Returns NULL with errno set.
DIR *fs_open_directory(int dir_fd, const char *name);
// Makes the directory NAME in DIR_FD with exactly MODE, regardless of the umask. Returns 0 or negative errno
// (-EEXIST).
int fs_make_directory(int dir_fd, const char *name, mode_t mode);

// Makes PATH and the missing directories above it with MODE, regardless of the umask. Returns 0 (also when it exists)
// or negative errno.
int fs_make_directories(const char *path, mode_t mode, struct err *e);

// Writes SIZE bytes to the existing file NAME below DIR_FD (a proc, sysfs or cgroup file) in one write. Returns 0 or
// negative errno.
int fs_write_file(int dir_fd, const char *name, const void *bytes, size_t size);
// The same for text.
int fs_write_text(int dir_fd, const char *name, const char *text);

// Writes the file NAME with MODE in DIR_FD, replacing any old one. Not atomic: readers may see a part of it. Returns 0
// or negative errno.
int fs_create_file(int dir_fd, const char *name, mode_t mode, const void *bytes, size_t size, struct err *e);
// Atomically replaces the file NAME in DIR_FD by a new one with MODE: temporary name, fsync, rename. Readers see
// either the old or the new file. Returns 0 or negative errno; after a failure the old file is unchanged.
int fs_replace_file(int dir_fd, const char *name, mode_t mode, const void *bytes, size_t size, struct err *e);
// The same without fsync(2), for files that mean nothing after a reboot: a crash of the machine may leave them empty.
int fs_replace_volatile(int dir_fd, const char *name, mode_t mode, const void *bytes, size_t size, struct err *e);

// Opens the regular file NAME below DIR_FD for reading. Links are not followed, and nothing but a regular file is ever
// opened, so it cannot block or trigger a device. Returns a descriptor, -ELOOP for a symbolic link, -EINVAL for
// another type of file, or another negative errno.
int fs_open_regular(int dir_fd, const char *name, struct err *e);
// The same for the file of PATH_FD (O_PATH); errors call it NAME.
int fs_reopen_regular(int path_fd, const char *name, struct err *e);

// Reads a whole regular file of at most LIMIT bytes into an owned, terminated buffer. Returns its length or negative
// errno (-EFBIG: larger).
ssize_t fs_read_file(int dir_fd, const char *name, size_t limit, char **bytes, struct err *e);
// The same for the open file FD; errors call it NAME.
ssize_t fs_read_open(int fd, const char *name, size_t limit, char **bytes, struct err *e);
// The same for a file named on the command line, which may be of any type, also a pipe: reads to its end.
ssize_t fs_read_input(const char *path, size_t limit, char **bytes, struct err *e);

// Removes NAME in DIR_FD and everything below it, without crossing a mount point or following a link. It is not an
// error if NAME does not exist.
int fs_remove_tree(int dir_fd, const char *name, struct err *e);
