// The mounts of a process's mount namespace (proc_pid_mountinfo(5)).
#pragma once

#include <stddef.h>

#include "base/err.h"
#include "base/mem.h"

struct mount_row {
	int id, parent;
	unsigned major, minor; // of the file system
	char *root;            // the directory of the file system that is mounted
	char *point;           // the mount point, relative to the reader's root
	char *type;            // "proc", "ext4" …
	char *options;         // of the file system ("rw,cpu,cpuacct")
};

struct mount_rows {
	struct mount_row *items; // in mount order
	size_t count;
};

// Reads the file PATH ("/proc/self/mountinfo") below DIR_FD. Returns 0 or negative errno. Call mountinfo_done() in
// either case.
int mountinfo_read(struct mount_rows *rows, int dir_fd, const char *path, struct err *e);
// The same from TEXT. Truncated and malformed lines are left out.
void mountinfo_parse(struct mount_rows *rows, const char *text);
// The mount with that id, or NULL.
const struct mount_row *mountinfo_find(const struct mount_rows *rows, int id);
void mountinfo_done(struct mount_rows *rows);

static inline void auto_mounts_run(struct mount_rows *rows)
{
	mountinfo_done(rows);
}
#define auto_mounts AUTO(mounts) struct mount_rows
