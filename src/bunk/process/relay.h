// SPDX-License-Identifier: LGPL-2.1-or-later
// Signals and the terminal of a process in the foreground.
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"
#include "bunk/container/container.h"

// Waits for PID (whose descriptor is PIDFD), relaying signals, readiness and, with *MASTER >= 0, the terminal, which
// is closed (-1) when there is no reader for it. Returns 0…255.
int relay_wait(struct container *c, pid_t pid, int pidfd, int *master, struct err *e);
// Blocks what relay_wait() will forward. To be called before the clone.
void relay_block(struct container *c);
// Until then: waits until FD is readable, or for a signal that ends programs: -EINTR.
int relay_interrupted(const struct container *c, int fd, int timeout, struct err *e);
// Connects to the unix socket PATH, whose queue may be full. Returns a descriptor, -EINTR as above, or negative errno.
int relay_connect(const struct container *c, const char *path, struct err *e);
// Where a terminal goes that the process is to have: to the unix socket PATH, or, unless DETACHed, to this process
// itself through PAIR, of which C->console is the other end.
int relay_console(struct container *c, const char *path, bool detach, int pair[2], struct err *e);
// Receives the master that process_terminal() sent to the other end of the socket pair PAIR[0].
int relay_master(int socket, struct err *e);
