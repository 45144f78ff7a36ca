// SPDX-License-Identifier: LGPL-2.1-or-later
// Hooks: programs of the host that the configuration requests.
#pragma once

#include <sys/types.h>

#include "base/err.h"
#include "bunk/container/container.h"

// Runs the hooks of KIND in order, with the state on standard input.
enum { HOOKS_SELF = -1 }; // for the pid: the calling process
int hooks_run(const struct container *c, enum hook_kind kind, enum bunk_status status, pid_t pid, struct err *e);
