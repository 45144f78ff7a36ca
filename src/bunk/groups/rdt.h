// SPDX-License-Identifier: LGPL-2.1-or-later
// Groups of the resctrl file system.
#pragma once

#include <sys/types.h>

#include "base/err.h"
#include "bunk/container/container.h"

// Puts PID into the group that R names below the resctrl directory ROOT, or into one called ID. What is made for this
// container alone is named in *MADE (owned, below ROOT; left alone when nothing is).
int rdt_assign(int root, const struct rdt_config *r, const char *id, pid_t pid, char **made, struct err *e);
// Gives that group the shares that R says, which are then those of all that are in it.
int rdt_change(int root, const struct rdt_config *r, const char *id, struct err *e);
// linux.intelRdt: puts the child into its group; removes what was made for it.
int rdt_join(struct container *c, struct err *e);
void rdt_leave(struct container *c);
// Changes its shares to lines of the file schemata (NULL: none of that kind).
int rdt_update(const struct container *c, const char *l3_schema, const char *bandwidth_schema, struct err *e);
