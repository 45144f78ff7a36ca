// SPDX-License-Identifier: LGPL-2.1-or-later
// Groups of the resctrl file system (linux.intelRdt).
#pragma once

#include <sys/types.h>

#include "base/err.h"
#include "bunk/container/container.h"

// Moves PID into the group that R names below the resctrl directory ROOT, or into one called ID. If the group was made
// for this container, *MADE is set to its name (owned, below ROOT).
int rdt_assign(int root, const struct rdt_config *r, const char *id, pid_t pid, char **made, struct err *e);
// Sets the shares of that group from R, which apply to all its processes.
int rdt_change(int root, const struct rdt_config *r, const char *id, struct err *e);
// Moves the child into its group; removes a group that was made for it.
int rdt_join(struct container *c, struct err *e);
void rdt_leave(struct container *c);
// Changes its shares to these lines of the file schemata (NULL: unchanged).
int rdt_update(const struct container *c, const char *l3_schema, const char *bandwidth_schema, struct err *e);
