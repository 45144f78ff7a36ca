// SPDX-License-Identifier: LGPL-2.1-or-later
// Namespaces given by path.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "bunk/container/container.h"

// The namespace that J names, verified. Returns a descriptor.
int namespace_open(const struct plan_join *j, struct err *e);

struct joined {
	int back[16]; // the process's own
	size_t count;
	unsigned flags; // CLONE_NEW…
};
// Enters the namespaces that are not entered yet. LATER: those that this process may not enter are skipped; it enters
// them from inside their user namespace.
int joined_enter(struct joined *d, const struct container *c, bool later, struct err *e);
void joined_leave(struct joined *d);
