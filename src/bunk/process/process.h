// SPDX-License-Identifier: LGPL-2.1-or-later
// The process itself, as the child prepares and executes it.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "bunk/container/container.h"

// The process itself, in this order. All that can be known before the start is done in prepare.
int process_prepare(struct container *c, struct err *e);
// The last part: loads the filter and drops the remaining privileges. Returns the descriptor of the seccomp agent, or
// 0.
int process_confine(const struct container *c, struct err *e);
// Executes it. Returns only on failure.
int process_execute(struct container *c, struct err *e);
// What criu does not restore and a child inherits: for the process that becomes criu.
int process_inherit(const struct container *c, struct err *e);
// Closes all descriptors from FIRST on but the COUNT that are KEPT (-1: none), which are put in order.
void close_all_but(unsigned first, int *kept, size_t count);
// Whether the caller's supplementary groups stay.
bool process_keeps_groups(const struct container *c);
// Finds the program in the process's own PATH. Owned, or NULL with E set.
char *process_find(const struct process_config *p, struct err *e);
