// Files and directories under a root that is not trusted, and small files replaced whole.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"

enum fs_flag {
	FS_DIRECTORY = 1, // the result must be a directory
	FS_NO_LINKS = 2,  // refuse any symbolic link on the way and at the end
	// make what is missing: directories (0755), and at the end a directory with FS_DIRECTORY, else an empty file
	// (0644); with these modes whatever the umask
	FS_CREATE = 4,
};

// Opens PATH below the directory ROOT_FD as if that were "/": links and ".." never lead out of it (openat2(2)
// RESOLVE_IN_ROOT, or the same walk by descriptors where the kernel refuses openat2). FLAGS are enum fs_flag.
// Returns an O_PATH descriptor, or negative errno: -ENOENT, -ENOTDIR, -ELOOP (a link with FS_NO_LINKS), ….
int fs_resolve(int root_fd, const char *path, unsigned flags, struct err *e);
// The walk itself, without openat2: for the tests of its safety. Same contract.
int fs_walk(int root_fd, const char *path, unsigned flags, struct err *e);

// Opens PATH, whose parts are plain names, below DIR_FD with FLAGS (open(2)): no link, no "..", no other mount on the
// way. Returns a descriptor or negative errno: -ELOOP, -EXDEV, ….
int fs_open_beneath(int dir_fd, const char *path, int flags);
// The same without openat2(2), which other engines' filters refuse: for the tests of its safety.
int fs_walk_beneath(int dir_fd, const char *path, int flags);

// A descriptor that was opened with O_PATH, opened again for real with FLAGS (open(2)). Returns it or negative errno.
int fs_reopen(int path_fd, int flags);

// The path that FD leads to now, as this process names it from its root (proc_pid_fd(5)). Owned; NULL when it has
// none, as a pipe.
char *fs_path_of(int fd);

// Whether both descriptors are of the same file or directory, by whatever mount.
bool fs_is_same(int a, int b);
// The number of the mount that FD was opened through (proc_pid_mountinfo(5)), or negative errno.
int fs_mount_id(int fd);

// Whether FD is on a file system of that kind (statfs(2) f_type, as PROC_SUPER_MAGIC).
bool fs_is_type(int fd, unsigned long magic);

// Makes the directory NAME in DIR_FD with exactly MODE, whatever the umask. Returns 0 or negative errno (-EEXIST).
int fs_make_directory(int dir_fd, const char *name, mode_t mode);

// Makes PATH and the missing directories above it with MODE, whatever the umask. Returns 0 (also when it stands
// already) or negative errno.
int fs_make_directories(const char *path, mode_t mode, struct err *e);

// Writes SIZE bytes to the existing file NAME below DIR_FD (a proc, sysfs or cgroup file) in one write. Returns 0 or
// negative errno.
int fs_write_file(int dir_fd, const char *name, const void *bytes, size_t size);
// The same for text.
int fs_write_text(int dir_fd, const char *name, const char *text);

// Makes the file NAME with MODE in DIR_FD, in place of any old one. Readers may see a part of it. Returns 0 or
// negative errno.
int fs_create_file(int dir_fd, const char *name, mode_t mode, const void *bytes, size_t size, struct err *e);
// Puts a new file NAME with MODE in DIR_FD in place of any old one: temporary name, fsync, rename. Readers see the old
// or the new, whole. Returns 0 or negative errno; after a failure the old file is unchanged.
int fs_replace_file(int dir_fd, const char *name, mode_t mode, const void *bytes, size_t size, struct err *e);
// The same without fsync(2), for files that mean nothing after a reboot; a crash of the machine may leave the file
// empty.
int fs_replace_volatile(int dir_fd, const char *name, mode_t mode, const void *bytes, size_t size, struct err *e);

// Opens the regular file NAME below DIR_FD to read it. A link is not followed and nothing else is opened, so it never
// waits and no device notices. Returns a descriptor, -ELOOP for a symbolic link, -EINVAL for what is no regular file
// either, or negative errno.
int fs_open_regular(int dir_fd, const char *name, struct err *e);
// The same of what PATH_FD (O_PATH) leads to, called NAME in errors.
int fs_reopen_regular(int path_fd, const char *name, struct err *e);

// Reads a regular file whole, at most LIMIT bytes, into an owned, terminated buffer. Returns its length or negative
// errno (-EFBIG: larger).
ssize_t fs_read_file(int dir_fd, const char *name, size_t limit, char **bytes, struct err *e);
// The same of a file that is open: FD, called NAME in errors.
ssize_t fs_read_open(int fd, const char *name, size_t limit, char **bytes, struct err *e);
// The same for what the caller names on the command line: any file, also a pipe, is read to its end.
ssize_t fs_read_input(const char *path, size_t limit, char **bytes, struct err *e);

// Removes NAME in DIR_FD with all below it, never crossing a mount point or following a link. Missing is no error.
int fs_remove_tree(int dir_fd, const char *name, struct err *e);
