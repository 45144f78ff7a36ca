// Work on files of containers in a child process, which has a mount namespace of its own. Without root rights the
// child is root of a user namespace with the ids that containers of this user have: there, files have their owners.
#pragma once

#include "base/err.h"

struct as_root {
	int (*work)(void *context, struct err *e); // in the child; returns 0 or negative errno
	// In this process, several times a second meanwhile. Returns 0, or negative errno to end the child. NULL: nothing.
	int (*watch)(void *context, struct err *e);
	void *context;
};
// The child dies with the calling thread. Libraries that the work needs must be loaded before. Returns what the work
// returned, or negative errno.
int as_root_run(const struct as_root *job, struct err *e);
