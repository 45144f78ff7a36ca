// SPDX-License-Identifier: LGPL-2.1-or-later
// Bind mounts with mapped ids.
#pragma once

#include "base/err.h"
#include "bunk/container/container.h"

// Bind mounts with mapped ids: made by the parent, as it takes privileges in the file system's own user namespace.
int idmap_prepare(struct container *c, struct err *e);
