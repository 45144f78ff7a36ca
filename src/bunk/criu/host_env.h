// SPDX-License-Identifier: LGPL-2.1-or-later
// What of a running container is not its own but of the host.
#pragma once

#include "base/err.h"
#include "base/str.h"
#include "bunk/container/container.h"
#include "images.h"

// Looks what of C's is not its own: into NOTES for the restorer, into EXTERNAL in criu's words. Returns 0 or negative
// errno.
int host_env_find(const struct container *c, struct notes *notes, struct strv *external, struct err *e);
