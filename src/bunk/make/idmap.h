// SPDX-License-Identifier: LGPL-2.1-or-later
// Bind mounts with mapped ids.
#pragma once

#include "base/err.h"
#include "bunk/container/container.h"

// Creates them in the parent, since this needs privileges in the user namespace of the file system.
int idmap_prepare(struct container *c, struct err *e);
