// SPDX-License-Identifier: LGPL-2.1-or-later
// Overlays with any number of layers, at paths of any length and with any characters.
#pragma once

#include "base/err.h"
#include "base/str.h"
#include "bunk/plan/plan.h"

// Makes short links to the layers of the overlay M in DIRECTORY; DATA becomes M's options with names in it. Returns 0
// or negative errno: -E2BIG for more layers than the kernel stacks.
int overlay_link(const struct plan_mount *m, int directory, struct str *data, struct err *e);
// The one path that M's option NAME ("lowerdir=") holds; owned, NULL when there is none or several.
char *overlay_path(const struct plan_mount *m, const char *name);
// The next path of the value *LIST of lowerdir=, which is moved behind it. Owned.
char *overlay_next_lower(const char **list);
// PATH as the value of such an option: ':', ',' and '\' each after a '\'. Owned.
char *overlay_escape(const char *path);
