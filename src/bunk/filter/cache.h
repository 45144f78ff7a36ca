// SPDX-License-Identifier: LGPL-2.1-or-later
// Programs of system-call filters that are remembered.
#pragma once

#include <stddef.h>

#include "filter.h"

// A profile as it stands in a configuration's text.
struct profile {
	const char *text;
	size_t size; // 0: none was found
};

// Finds the object linux.seccomp in the N bytes of TEXT, a configuration, without parsing it. What is not plain JSON
// is not found.
struct profile filter_find(const char *text, size_t n);
// The program that was remembered for PROFILE below the directory ROOT, into F. -ENOENT without one that is whole, for
// just these bytes, and written by this user alone.
int filter_recall(struct filter *f, struct pool **pool, int root, struct profile profile);
// Remembers it. What goes wrong only costs time later.
void filter_remember(const struct filter *f, int root, struct profile profile);
