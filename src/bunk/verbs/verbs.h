// SPDX-License-Identifier: LGPL-2.1-or-later
// Functions shared by the verbs.
#pragma once

#include <sys/types.h>

#include "base/err.h"
#include "bunk/container/container.h"

// Waits in the foreground until the process ends, unless RESULT is an error, and deletes the container. Returns like
// bunk_run().
int container_wait(struct container *c, const struct bunk_create *o, int result, pid_t pid, int pidfd, int *master,
                   struct err *e);
// Kills all processes and removes everything, the state last.
int container_destroy(struct container *c, struct err *e);
// A pidfd of the container's first process, verified by its start time, or -ESRCH.
int container_pidfd(const struct container *c);
// Sends PID to the caller's socket and file.
int report_pid(struct container *c, const struct bunk_create *o, pid_t pid, struct err *e);
// Sends a pidfd of PID over the stream socket SOCKET.
int send_pidfd(int socket, pid_t pid, struct err *e);
