// SPDX-License-Identifier: LGPL-2.1-or-later
// What parent and child of a container's making say to each other, and the lists of steps that both follow.
#pragma once

#include <stddef.h>

#include "base/err.h"

struct container;

// What goes over the socket pair.
enum phase {
	PHASE_GO = 1,     // parent: carry on
	PHASE_HOOKS,      // child: namespaces and mounts stand, the root is not yet entered
	PHASE_READY,      // child: all done but the program
	PHASE_PID,        // helper: the pid it made (value)
	PHASE_FAILED,     // child: err says why
};

struct phase_message {
	int phase;
	int value;
	struct err err;
};

// Sends; text travels only with PHASE_FAILED. Returns 0 or negative errno.
int phase_send(int socket, enum phase phase, int value, const struct err *err);
// The parent's PHASE_GO with VALUE. When the child has gone: returns negative errno and E says why it went.
int phase_go(int socket, int value, struct err *e);
// Waits for the message PHASE; a failure that comes instead is copied to E. A closed socket is an error. Returns the
// value or negative errno.
int phase_wait(int socket, enum phase phase, struct err *e);
// Waits until the other side closes, which execve(2) does. Returns 0, or negative errno when a failure comes first.
int phase_wait_end(int socket, struct err *e);
// The same without waiting, once the process has ended: negative errno when it had said that it failed, 1 when it was
// ready, else 0.
int phase_failure(int socket, struct err *e);

// Both sides are lists of these.
struct step {
	const char *name;
	int (*run)(struct container *c, struct err *e);
};

// The parent's: one after the other until one fails. Returns 0 or negative errno.
int steps_do(struct container *c, const struct step *steps, size_t count, struct err *e);
