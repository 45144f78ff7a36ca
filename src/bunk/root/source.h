// SPDX-License-Identifier: LGPL-2.1-or-later
// What a bind mount shows.
#pragma once

#include "base/err.h"
#include "bunk/container/container.h"

// The host's side of bind mounts where the container's root may search less than the runtime: a process with the
// parent's rights opens them in the child's mount namespace. What it cannot open is left to the child, which says why.
int sources_send(struct container *c, struct err *e);
int sources_receive(struct container *c, struct err *e);
// The same of what M's source names, as a detached mount. -EXDEV: a link leads out of what the container can write to.
int mounts_source(const struct container *c, const struct plan_mount *m, struct err *e);
