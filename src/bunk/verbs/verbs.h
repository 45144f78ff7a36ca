// SPDX-License-Identifier: LGPL-2.1-or-later
// What the verbs share.
#pragma once

#include <sys/types.h>

#include "base/err.h"
#include "bunk/container/container.h"

// In the foreground until the process ends, unless RESULT says that it could not begin; then removes the container.
// Returns like bunk_run().
int container_wait(struct container *c, const struct bunk_create *o, int result, pid_t pid, int pidfd, int *master,
                   struct err *e);
// Kills what runs and removes everything, state last.
int container_destroy(struct container *c, struct err *e);
// A pidfd of the container's first process, verified by its start time. -ESRCH.
int container_pidfd(const struct container *c);
// Sends PID to the caller's socket and file.
int report_pid(struct container *c, const struct bunk_create *o, pid_t pid, struct err *e);
// Sends a pidfd of PID over the stream socket SOCKET.
int send_pidfd(int socket, pid_t pid, struct err *e);
