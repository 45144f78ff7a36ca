// SPDX-License-Identifier: LGPL-2.1-or-later
// NOTIFY_SOCKET: tells the service manager that the container is ready, and nothing else.
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"
#include "bunk/container/container.h"

// Before planning: adds a mount of a socket to the container if there is a service manager.
int notify_plan(struct container *c, struct err *e);
int notify_make(struct container *c, struct err *e);   // creates its directory, once the state directory exists
int notify_listen(struct container *c, struct err *e); // opens C->notify, before the container's program starts
// Reads one message and forwards the first READY=1 to the manager, with PID as the main process of the service (0:
// unchanged). Returns false if there was none.
bool notify_relay(struct container *c, pid_t pid);
// The same until it is ready or has ended, or a signal that ends programs comes: -EINTR.
int notify_wait(struct container *c, pid_t pid, int pidfd, struct err *e);
