// Work on files of containers in a child process, which has a mount namespace of its own. Without root rights the
// child is root of a user namespace with the ids that containers of this user have: there, files have their owners.
#pragma once

#include "base/err.h"

// The namespaces of the child.
enum as_root_where {
	AS_ROOT_FILES, // see above
	AS_ROOT_NEW,   // a new user namespace only, in which the ids keep their numbers
	AS_ROOT_JOIN,  // SPACES; programs that the work runs keep the rights of root over networks and ids there
};
struct as_root {
	int (*work)(void *context, struct err *e); // in the child; returns 0 or negative errno
	// In this process, several times a second meanwhile. Returns 0, or negative errno to end the child. NULL: nothing.
	int (*watch)(void *context, struct err *e);
	void *context;
	enum as_root_where where;
	const int *spaces; // of a user namespace and a network namespace (-1: the caller's)
};
// The child dies with the calling thread. Libraries that the work needs must be loaded before. Returns what the work
// returned, or negative errno.
int as_root_run(const struct as_root *job, struct err *e);
