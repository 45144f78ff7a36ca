// SPDX-License-Identifier: LGPL-2.1-or-later
// The sources of bind mounts.
#pragma once

#include "base/err.h"
#include "bunk/container/container.h"

// Opens the sources where the container's root can search fewer directories than the runtime: a process with the
// parent's privileges opens them in the child's mount namespace. Those that it cannot open are left to the child,
// which reports the error.
int sources_send(struct container *c, struct err *e);
int sources_receive(struct container *c, struct err *e);
// The source of M as a detached mount. -EXDEV: a symbolic link leads out of a directory that the container can write
// to.
int mounts_source(const struct container *c, const struct plan_mount *m, struct err *e);
