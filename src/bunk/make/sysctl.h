// SPDX-License-Identifier: LGPL-2.1-or-later
// linux.sysctl: writing the values.
#pragma once

#include "base/err.h"
#include "bunk/container/container.h"

int step_sysctl(struct container *c, struct err *e);
