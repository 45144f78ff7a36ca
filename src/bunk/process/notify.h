// SPDX-License-Identifier: LGPL-2.1-or-later
// What a service manager is told of a container: only that it is ready.
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"
#include "bunk/container/container.h"

// What a service manager is told of the container: only that it is ready. Before the plan: mounts a socket into the
// container, if there is a manager.
int notify_plan(struct container *c, struct err *e);
int notify_make(struct container *c, struct err *e);   // its directory, once there is that of the state
int notify_listen(struct container *c, struct err *e); // C->notify, before the container's program begins
// Reads one message, and tells the manager of the first READY=1, and that PID is the service's main process (0: that
// is as it was). False: there is none.
bool notify_relay(struct container *c, pid_t pid);
// The same until it is ready or has ended, or a signal that ends programs comes: -EINTR.
int notify_wait(struct container *c, pid_t pid, int pidfd, struct err *e);
