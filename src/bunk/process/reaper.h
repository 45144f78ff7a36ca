// SPDX-License-Identifier: LGPL-2.1-or-later
// A small init in front of the container's program.
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "bunk/container/container.h"

// Whether the configuration asks for it: the annotation "bunk.init" is "1".
bool reaper_is_wanted(const struct container *c);
// Forks. Returns 0 in the new process, which then executes the program, and negative errno on failure. This
// process does not return: it forwards signals, reaps its children, including adopted ones, and exits like the
// program.
int reaper_split(struct err *e);
