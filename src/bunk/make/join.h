// SPDX-License-Identifier: LGPL-2.1-or-later
// Namespaces given by path.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "bunk/container/container.h"

// Opens the namespace of J and checks its type. Returns a descriptor.
int namespace_open(const struct plan_join *j, struct err *e);

struct joined {
	int back[16]; // the current one of the process
	size_t count;
	unsigned flags; // CLONE_NEW…
};
// Enters the namespaces that are not entered yet. LATER: skips those that this process may not enter; it enters them
// after their user namespace.
int joined_enter(struct joined *d, const struct container *c, bool later, struct err *e);
void joined_leave(struct joined *d);
