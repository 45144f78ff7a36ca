// SPDX-License-Identifier: LGPL-2.1-or-later
// A root put together where one overlay is not allowed.
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "bunk/container/container.h"

// An overlay over a directory that has mounts below it (the host's "/", say) is refused in a user namespace, because
// it would uncover what they cover. Instead its upper directory becomes the root, with an overlay on each directory in
// it that has none. Whether M is an overlay that this can be done for: one lower directory, an upper and a work
// directory.
bool assemble_can(const struct plan_mount *m);
// Puts the upper directory on ROOT. Returns the new root's descriptor.
int assemble_begin(const struct plan_mount *m, int root, struct err *e);
// Fills it. Directories that can be neither read nor covered by an overlay stay empty.
int assemble_fill(const struct container *c, const struct plan_mount *m, int root, struct err *e);
// Makes the overlays of an assembled ROOT read-only (root.readonly), but nothing that the configuration mounts itself.
int assemble_protect(const struct container *c, int root, struct err *e);
