// SPDX-License-Identifier: LGPL-2.1-or-later
// Optimising system-call filters.
#pragma once

#include <linux/filter.h>
#include <stdbool.h>
#include <stdint.h>

struct pool;
struct seccomp_data;
// Shortens P to an equivalent program, allocated from POOL. Returns false and leaves P unchanged if that is
// impossible.
bool filter_shorten(struct sock_fprog *p, struct pool **pool);
// Interprets P for a call. Returns a SECCOMP_RET_… value, or FILTER_WRONG for an unknown instruction.
uint32_t filter_ask(const struct sock_fprog *p, const struct seccomp_data *data);
#define FILTER_WRONG UINT32_MAX
// Whether both return the same for every architecture and number, and for samples of arguments.
bool filter_same(const struct sock_fprog *a, const struct sock_fprog *b);
