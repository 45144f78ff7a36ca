// SPDX-License-Identifier: LGPL-2.1-or-later
// Devices in the root.
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"
#include "bunk/container/container.h"

// Devices in the root.
int devices_make(const struct container *c, int root, struct err *e);
bool devices_is(int fd, mode_t type, unsigned major_number, unsigned minor_number);
