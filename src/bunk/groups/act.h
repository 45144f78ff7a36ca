// SPDX-License-Identifier: LGPL-2.1-or-later
// What freezing, killing and removing control groups share.
#pragma once

#include <fcntl.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/clock.h"

#define GROUPS_PATIENCE (10 * SECOND) // how long to wait for a process that cannot be killed or frozen

static inline int group_open(const char *directory)
{
	return open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

struct pids {
	pid_t *items;
	size_t count;
};

// Sleeps a few tenths of a millisecond, longer with each ATTEMPT: v1 files cannot be polled.
void group_rest(int attempt);
// v2: waits until cgroup.events of the group DIRECTORY contains LINE. Returns 0 or negative errno.
int group_wait_event(int directory, const char *line);
