// SPDX-License-Identifier: LGPL-2.1-or-later
// The protocol between parent and child while a container is created, and the lists of steps that both execute.
#pragma once

#include <stddef.h>

#include "base/err.h"

struct container;

// The messages on the socket pair.
enum phase {
	PHASE_GO = 1,     // parent: continue
	PHASE_HOOKS,      // child: namespaces and mounts are ready, the root is not yet entered
	PHASE_READY,      // child: ready to execute the program
	PHASE_PID,        // helper: the pid it created (value)
	PHASE_FAILED,     // child: failed; err has the reason
};

struct phase_message {
	int phase;
	int value;
	struct err err;
};

// Sends a message; the text is part of PHASE_FAILED only. Returns 0 or negative errno.
int phase_send(int socket, enum phase phase, int value, const struct err *err);
// The parent's PHASE_GO with VALUE. If the child has exited: returns negative errno with its reason in E.
int phase_go(int socket, int value, struct err *e);
// Waits for the message PHASE. If PHASE_FAILED arrives instead, copies its error to E. A closed socket is an error.
// Returns the value or negative errno.
int phase_wait(int socket, enum phase phase, struct err *e);
// Waits until the peer closes the socket, which execve(2) does. Returns 0, or negative errno if PHASE_FAILED arrives
// first.
int phase_wait_end(int socket, struct err *e);
// The same without blocking, after the process has exited: negative errno if it had reported a failure, 1 if it was
// ready, else 0.
int phase_failure(int socket, struct err *e);

// A step of either side.
struct step {
	const char *name;
	int (*run)(struct container *c, struct err *e);
};

// The parent's steps, executed in order until one fails. Returns 0 or negative errno.
int steps_do(struct container *c, const struct step *steps, size_t count, struct err *e);
