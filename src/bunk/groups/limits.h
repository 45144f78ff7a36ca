// SPDX-License-Identifier: LGPL-2.1-or-later
// The limits of linux.resources.
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "bunk/container/container.h"

// Limits.
bool limits_asked(const struct resources *r);
// Bit mask of enum cgroup_controller that R needs beyond those that are always joined.
unsigned limits_controllers(const struct resources *r);
// An update names what changes: what the same file of the kernel has beside it, and what is counted from it, is taken
// from there (v2).
void limits_complete(const struct groups *g, struct resources *r);
int limits_apply(const struct container *c, const struct resources *r, struct err *e);
