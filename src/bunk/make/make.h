// SPDX-License-Identifier: LGPL-2.1-or-later
// Making a container: the parent's side.
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"
#include "bunk/container/container.h"

// The parent's steps that create, exec and restore share.
int step_sockets(struct container *c, struct err *e); // C->sync
int step_limits(struct container *c, struct err *e);
int step_give_groups(struct container *c, struct err *e);
int step_prestart_hooks(struct container *c, struct err *e);
int step_runtime_hooks(struct container *c, struct err *e);
int step_hear_ready(struct container *c, struct err *e);
int step_go(struct container *c, struct err *e); // PHASE_GO with the child's pid

// Gets a container ready to be used by one verb; container_done() releases it.
void container_init(struct container *c, const struct bunk *b, const char *id);
void container_done(struct container *c);
// Descriptors 3 … 3+PRESERVE_FDS-1 of this process, which must be open, are to reach the container's. To be called
// before any is opened.
int container_keep(struct container *c, int64_t preserve_fds, struct err *e);
// Reads the bundle's configuration and plans. Nothing is touched.
int container_read(struct container *c, const struct bunk_create *options, struct err *e);

// Makes processes, groups and state. START_SOCKET: the child waits for `start`, else for PHASE_GO on sync[0].
// Returns the pid with the state still locked, or negative errno, when nothing is left behind.
pid_t container_make(struct container *c, bool start_socket, struct err *e);
// The parts of it: the state and the place of the groups, before there is a process; the process in the state, once it
// is there; and after a failure everything taken back, with PID (0: none) killed.
int container_reserve(struct container *c, struct err *e);
int container_settle(struct container *c, pid_t pid, struct err *e);
void container_undo(struct container *c, pid_t pid);
// After a making that failed: says so when the kernel had no memory for it.
void container_explain_end(const struct container *c, struct err *e);
