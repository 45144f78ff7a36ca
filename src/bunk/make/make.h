// SPDX-License-Identifier: LGPL-2.1-or-later
// Creating a container: the parent's side.
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"
#include "bunk/container/container.h"

// The parent's steps shared by create, exec and restore.
int step_sockets(struct container *c, struct err *e); // C->sync
int step_limits(struct container *c, struct err *e);
int step_give_groups(struct container *c, struct err *e);
int step_prestart_hooks(struct container *c, struct err *e);
int step_runtime_hooks(struct container *c, struct err *e);
int step_hear_ready(struct container *c, struct err *e);
int step_go(struct container *c, struct err *e); // PHASE_GO with the child's pid

// Initialises a container for one verb; container_done() releases it.
void container_init(struct container *c, const struct bunk *b, const char *id);
void container_done(struct container *c);
// Passes descriptors 3 … 3+PRESERVE_FDS-1 of this process, which must be open, to the container. Call it before any
// descriptor is opened.
int container_keep(struct container *c, int64_t preserve_fds, struct err *e);
// Reads the configuration of the bundle and plans. Changes nothing.
int container_read(struct container *c, const struct bunk_create *options, struct err *e);

// Creates processes, groups and state. START_SOCKET: the child waits for `start`, else for PHASE_GO on sync[0].
// Returns the pid with the state still locked, or negative errno, leaving nothing behind.
pid_t container_make(struct container *c, bool start_socket, struct err *e);
// Its parts: the state and the planned groups, before the process exists; the process in the state, once it exists;
// and undoing everything after a failure, killing PID (0: none).
int container_reserve(struct container *c, struct err *e);
int container_settle(struct container *c, pid_t pid, struct err *e);
void container_undo(struct container *c, pid_t pid);
// After a failed creation: adds a note to the error if the kernel was out of memory.
void container_explain_end(const struct container *c, struct err *e);
