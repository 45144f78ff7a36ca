// SPDX-License-Identifier: LGPL-2.1-or-later
// System-call filters: from the profile to a BPF program, and loading it (seccomp(2)).
#pragma once

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "bunk/config.h"

struct pool;
struct seccomp_data;

struct filter {
	struct sock_fprog program; // len 0: none
	unsigned flags;            // of seccomp(2)
	bool notify;               // it has SCMP_ACT_NOTIFY
};

// Sets the program, which is of POOL, and the flags. A name that neither libseccomp nor the table of newer calls (filter_numbers.c) knows is passed over, as the specification's
// users expect.
int filter_compile(struct filter *f, struct pool **pool, const struct seccomp_config *config, struct err *e);
// The same, as libseccomp writes it.
int filter_compile_long(struct filter *f, struct pool **pool, const struct seccomp_config *config, struct err *e);
// Makes P shorter, with the same answer to everything; its new instructions are of POOL. Returns false, and leaves it, where that cannot be done.
bool filter_shorten(struct sock_fprog *p, struct pool **pool);
// Calls that libseccomp does not know, with their answers (SECCOMP_RET_…).
enum { FILTER_NEW_CALLS = 120, FILTER_ARCHS = 32 };
struct filter_new {
	struct {
		size_t call;
		uint32_t answer;
	} items[FILTER_NEW_CALLS];
	size_t count;
	uint32_t newest[FILTER_ARCHS]; // by architecture: what is newer is not there (ENOSYS); 0: the program's own answer
};
// The number of such a call on the architecture TOKEN; 0: it has none.
uint32_t filter_new_number(const char *name, uint32_t token);
// Adds the call NAME. Returns whether it is known.
bool filter_add_new(struct filter_new *n, const char *name, uint32_t answer);
// Puts them in front of P, for the architectures TOKENS (libseccomp's); the new program is of POOL. Returns 0 or negative errno.
int filter_put_new(struct sock_fprog *p, struct pool **pool, const struct filter_new *n, const uint32_t *tokens, size_t token_count, struct err *e);
// The highest number of such a call: another table makes another program of the same profile.
uint32_t filter_newest_call(void);
// What P answers to a call, a SECCOMP_RET_… value, by an interpreter of our own; FILTER_WRONG for a program that it does not understand.
uint32_t filter_ask(const struct sock_fprog *p, const struct seccomp_data *data);
#define FILTER_WRONG UINT32_MAX
// Whether both answer the same, for every architecture and number, and for some arguments.
bool filter_same(const struct sock_fprog *a, const struct sock_fprog *b);
// Names in TEXT who compiles, with versions: another one may make another program of the same profile.
void filter_compiler(char *text, size_t size);
// Loads it for this thread and its children. Needs no-new-privileges or CAP_SYS_ADMIN. Returns 0, with F->notify the descriptor that the
// agent listens on, or negative errno.
int filter_load(const struct filter *f, struct err *e);

// A profile as it stands in a configuration's text.
struct profile {
	const char *text;
	size_t size; // 0: none was found
};
// Finds the object linux.seccomp in the N bytes of TEXT, a configuration, without parsing it. What is not plain JSON is not found.
struct profile filter_find(const char *text, size_t n);
// The program that was remembered for PROFILE below the directory ROOT, into F. -ENOENT without one that is whole, for
// just these bytes, and written by this user alone.
int filter_recall(struct filter *f, struct pool **pool, int root, struct profile profile);
// Remembers it. What goes wrong only costs time later.
void filter_remember(const struct filter *f, int root, struct profile profile);

// The I-th action, comparison and flag that are understood; NULL past the last. For `bunk features`.
const char *filter_action_name(size_t i);
const char *filter_operator_name(size_t i);
const char *filter_flag_name(size_t i);
// The same for architectures ("SCMP_ARCH_X86_64", valid until the next call).
const char *filter_arch_name(size_t i);
