// SPDX-License-Identifier: LGPL-2.1-or-later
// Capabilities: names, and setting exactly a given set (capabilities(7)).
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "plan.h"

// Bit number of "CAP_CHOWN" (any case, with or without CAP_), or -EINVAL.
int caps_number(const char *name);
// "CAP_CHOWN"; NULL past the last one known to this build.
const char *caps_name(int number);
// Step 1, while still privileged: drops all others from the bounding set. Capabilities unknown to this kernel are not
// an error.
int caps_limit(const struct plan_caps *caps, struct err *e);
// Step 2, after the change of user (with PR_SET_KEEPCAPS): the other four sets.
int caps_apply(const struct plan_caps *caps, struct err *e);
// Gives up all capabilities of this process, as far as the kernel allows.
void caps_drop(void);
