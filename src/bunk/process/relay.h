// SPDX-License-Identifier: LGPL-2.1-or-later
// Relaying signals and the terminal of a process in the foreground.
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"
#include "bunk/container/container.h"

// Waits for PID (with the descriptor PIDFD), relaying signals, readiness and, if *MASTER >= 0, the terminal, which is
// closed (-1) when its reader has gone. Returns 0…255.
int relay_wait(struct container *c, pid_t pid, int pidfd, int *master, struct err *e);
// Blocks the signals that relay_wait() forwards. Call it before the clone.
void relay_block(struct container *c);
// Before relay_wait(): waits until FD is readable; -EINTR on a signal that would end the program.
int relay_interrupted(const struct container *c, int fd, int timeout, struct err *e);
// Connects to the unix socket PATH, waiting while its queue is full. Returns a descriptor, -EINTR as above, or
// negative errno.
int relay_connect(const struct container *c, const char *path, struct err *e);
// Prepares the socket that receives the terminal: the unix socket PATH or, unless DETACHed, this process through PAIR,
// whose other end is C->console.
int relay_console(struct container *c, const char *path, bool detach, int pair[2], struct err *e);
// Receives the master that process_terminal() sent to PAIR[0].
int relay_master(int socket, struct err *e);
