// SPDX-License-Identifier: LGPL-2.1-or-later
// The limits of linux.resources.
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "bunk/container/container.h"

// Sets the limits.
bool limits_asked(const struct resources *r);
// Bit mask of enum cgroup_controller that R needs in addition to those that are always joined.
unsigned limits_controllers(const struct resources *r);
// An update contains only the changes: other values in the same kernel file, and values derived from it, are read from
// the kernel (v2).
void limits_complete(const struct groups *g, struct resources *r);
int limits_apply(const struct container *c, const struct resources *r, struct err *e);
