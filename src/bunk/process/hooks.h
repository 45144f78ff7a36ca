// SPDX-License-Identifier: LGPL-2.1-or-later
// Hooks: programs of the host that the configuration wants run.
#pragma once

#include <sys/types.h>

#include "base/err.h"
#include "bunk/container/container.h"

// Hooks: runs those of KIND one after the other with the state on standard input.
enum { HOOKS_SELF = -1 }; // as pid: the process that asks
int hooks_run(const struct container *c, enum hook_kind kind, enum bunk_status status, pid_t pid, struct err *e);
