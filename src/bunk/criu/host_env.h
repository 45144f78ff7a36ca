// SPDX-License-Identifier: LGPL-2.1-or-later
// The resources of a running container that belong to the host.
#pragma once

#include "base/err.h"
#include "base/str.h"
#include "bunk/container/container.h"
#include "images.h"

// Finds the host's resources that C uses and adds them to NOTES, for restore, and to EXTERNAL in criu's syntax.
// Returns 0 or negative errno.
int host_env_find(const struct container *c, struct notes *notes, struct strv *external, struct err *e);
