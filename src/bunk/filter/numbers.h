// SPDX-License-Identifier: LGPL-2.1-or-later
// System calls that are newer than libseccomp, by number.
#pragma once

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct pool;
// Calls that libseccomp does not know, with their actions (SECCOMP_RET_…).
enum { FILTER_NEW_CALLS = 120, FILTER_ARCHS = 32 };

struct filter_new {
	struct {
		size_t call;
		uint32_t answer;
	} items[FILTER_NEW_CALLS];
	size_t count;
	uint32_t newest[FILTER_ARCHS]; // by architecture: newer calls fail with ENOSYS; 0: the program's own action
};

// The number of such a call on the architecture TOKEN; 0: none.
uint32_t filter_new_number(const char *name, uint32_t token);
// Adds the call NAME. Returns whether it is known.
bool filter_add_new(struct filter_new *n, const char *name, uint32_t answer);
// Prepends their checks to P, for the architectures TOKENS (libseccomp's); the new program is allocated from POOL.
// Returns 0 or negative errno.
int filter_prepend_new(struct sock_fprog *p, struct pool **pool, const struct filter_new *n, const uint32_t *tokens,
                       size_t token_count, struct err *e);
// The highest number of such a call. It is part of the cache key: another table compiles a profile differently.
uint32_t filter_newest_call(void);
