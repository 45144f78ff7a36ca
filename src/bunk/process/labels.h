// SPDX-License-Identifier: LGPL-2.1-or-later
// Labels of security modules.
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "bunk/container/container.h"

// The parent checks that the kernel has the module; the child writes the label just before execve.
int labels_prepare(struct container *c, struct err *e);
int labels_write(const struct container *c, struct err *e);
bool labels_apparmor_on(void);
bool labels_selinux_on(void);
