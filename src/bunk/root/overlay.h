// SPDX-License-Identifier: LGPL-2.1-or-later
// Overlays with any number of layers, at paths of any length and with any characters.
#pragma once

#include "base/err.h"
#include "base/str.h"
#include "bunk/plan/plan.h"

// Creates short links to the layers of the overlay M in DIRECTORY and sets DATA to M's options with these names.
// Returns 0 or negative errno: -E2BIG: more layers than the kernel supports.
int overlay_link(const struct plan_mount *m, int directory, struct str *data, struct err *e);
// The path of M's option NAME ("lowerdir="); owned, NULL unless there is exactly one.
char *overlay_path(const struct plan_mount *m, const char *name);
// The next path of the lowerdir= value *LIST, which is advanced past it. Owned.
char *overlay_next_lower(const char **list);
// PATH escaped for such an option: '\' before ':', ',' and '\'. Owned.
char *overlay_escape(const char *path);
