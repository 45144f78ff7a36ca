// SPDX-License-Identifier: LGPL-2.1-or-later
// The cache of compiled system-call filters.
#pragma once

#include <stddef.h>

#include "filter.h"

// The text of a profile inside a configuration.
struct profile {
	const char *text;
	size_t size; // 0: not found
};

// Finds the object linux.seccomp in TEXT, a configuration of N bytes, without a full parse. Finds nothing in malformed
// JSON.
struct profile filter_find(const char *text, size_t n);
// Loads the cached program of PROFILE from below the directory ROOT into F. -ENOENT unless the entry is complete, for
// exactly these bytes, and writable by this user only.
int filter_recall(struct filter *f, struct pool **pool, int root, struct profile profile);
// Adds a program to the cache. Errors are ignored: they only cost time later.
void filter_remember(const struct filter *f, int root, struct profile profile);
