// SPDX-License-Identifier: LGPL-2.1-or-later
// The seccomp agent.
#pragma once

#include <sys/types.h>

#include "base/err.h"
#include "bunk/container/container.h"

// The parent connects; the child prepares the message (with PID in the runtime's pid namespace) and passes FILTER.
int listener_connect(struct container *c, struct err *e);
void listener_leave(struct container *c);
int listener_prepare(struct container *c, pid_t pid, struct err *e);
int listener_hand_over(const struct container *c, int filter, struct err *e);
