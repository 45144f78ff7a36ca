// SPDX-License-Identifier: LGPL-2.1-or-later
// The terminal of a container's process.
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "bunk/container/container.h"

// Opens a terminal of the root's devpts, sends its master over C->console, makes it descriptors 0, 1, 2 and, with
// BIND, /dev/console.
int process_terminal(const struct container *c, bool bind, struct err *e);
