// SPDX-License-Identifier: LGPL-2.1-or-later
// A system-call filter made shorter.
#pragma once

#include <linux/filter.h>
#include <stdbool.h>
#include <stdint.h>

struct pool;
struct seccomp_data;
// Makes P shorter, with the same answer to everything; its new instructions are of POOL. Returns false, and leaves it,
// where that cannot be done.
bool filter_shorten(struct sock_fprog *p, struct pool **pool);
// What P answers to a call, a SECCOMP_RET_… value, by an interpreter of our own; FILTER_WRONG for a program that it
// does not understand.
uint32_t filter_ask(const struct sock_fprog *p, const struct seccomp_data *data);
#define FILTER_WRONG UINT32_MAX
// Whether both answer the same, for every architecture and number, and for some arguments.
bool filter_same(const struct sock_fprog *a, const struct sock_fprog *b);
