// SPDX-License-Identifier: LGPL-2.1-or-later
// The directories of the host that the container can write to.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "bunk/container/container.h"
#include "sys/mountinfo.h"

struct guard {
	int fd;
	char *name;
};

struct guarded {
	struct guard *items;
	size_t count;
	struct mount_rows rows; // of this process
};

// Collects the sources of C's writable bind mounts, the upper directories of its overlays, and its root. Directories
// that cannot be opened are left out.
void guarded_find(struct guarded *g, const struct container *c);
// The first of them that is or contains the directory FD; NULL: none.
const struct guard *guarded_around(const struct guarded *g, int fd);
// Whether the directory FD is that one or below it: compares descriptors upwards and, for other mounts of the same
// file system, the directories that they mount.
bool guarded_has(const struct guarded *g, const struct guard *guard, int fd);
void guarded_done(struct guarded *g);

// SOURCE of a mount as an absolute path; a relative one starts in the bundle. Owned.
char *source_path(const struct container *c, const char *source);
