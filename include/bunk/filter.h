// SPDX-License-Identifier: LGPL-2.1-or-later
// System-call filters: from the profile to a BPF program, and loading it (seccomp(2)).
#pragma once

#include <stddef.h>

#include "base/err.h"
#include "base/str.h"
#include "bunk/plan.h"

// Sets PLAN->seccomp and its flags. System calls that no architecture knows are passed over, as the specification's users expect.
// CACHE is a directory of this user's own (-1: none) in which the program is looked for first, and left for the next time.
int filter_compile(struct plan *plan, const struct seccomp_config *config, int cache, struct err *e);
// Loads it for this thread and its children. Needs no-new-privileges or CAP_SYS_ADMIN. Returns 0, with PLAN->notify the descriptor that the
// agent listens on, or negative errno.
int filter_load(const struct plan *plan, struct err *e);

// The program that was remembered for a profile's TEXT below the directory ROOT, into PLAN->seccomp. -ENOENT without one that is whole, for just
// this text, and written by this user alone.
int filter_recall(struct plan *plan, int root, const struct str *text);
// Remembers it. What goes wrong only costs time later.
void filter_remember(const struct plan *plan, int root, const struct str *text);

// The I-th action, comparison and flag that are understood; NULL past the last. For `bunk features`.
const char *filter_action_name(size_t i);
const char *filter_operator_name(size_t i);
const char *filter_flag_name(size_t i);
