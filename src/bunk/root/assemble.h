// SPDX-License-Identifier: LGPL-2.1-or-later
// A root of several overlays, for where a single one is not allowed.
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "bunk/container/container.h"

// In a user namespace the kernel refuses an overlay over a directory with mounts below it (for example the host's
// "/"), because it would uncover files below the mounts. Instead its upper directory becomes the root, with an
// overlay on each directory in it that has none. Whether this is possible for the overlay M: it needs one lower
// directory, an upper and a work directory.
bool assemble_can(const struct plan_mount *m);
// Mounts the upper directory on ROOT. Returns a descriptor of the new root.
int assemble_begin(const struct plan_mount *m, int root, struct err *e);
// Fills it. Directories that can neither be read nor overlaid stay empty.
int assemble_fill(const struct container *c, const struct plan_mount *m, int root, struct err *e);
// Makes the overlays of an assembled ROOT read-only (root.readonly), but not the mounts of the configuration.
int assemble_protect(const struct container *c, int root, struct err *e);
