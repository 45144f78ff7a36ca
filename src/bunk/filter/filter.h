// SPDX-License-Identifier: LGPL-2.1-or-later
// System-call filters: from the profile to a BPF program, and loading it (seccomp(2)).
#pragma once

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "bunk/read/config.h"

struct pool;

struct filter {
	struct sock_fprog program; // len 0: none
	unsigned flags;            // of seccomp(2)
	bool notify;               // the profile has SCMP_ACT_NOTIFY
};

// Compiles the program, allocated from POOL, and the flags. Ignores names that neither libseccomp nor the table of
// newer calls (numbers.c) knows, as users of the specification expect.
int filter_compile(struct filter *f, struct pool **pool, const struct seccomp_config *config, struct err *e);
// The same, as compiled by libseccomp.
int filter_compile_long(struct filter *f, struct pool **pool, const struct seccomp_config *config, struct err *e);
// Writes the compiler and its versions to TEXT: another compiler may compile a profile differently.
void filter_compiler(char *text, size_t size);
// Loads the filter for this thread and its children. Needs no-new-privileges or CAP_SYS_ADMIN. Returns 0, with
// F->notify the descriptor for the seccomp agent, or negative errno.
int filter_load(const struct filter *f, struct err *e);
// The I-th supported action, comparison and flag; NULL past the last. For `bunk features`.
const char *filter_action_name(size_t i);
const char *filter_operator_name(size_t i);
const char *filter_flag_name(size_t i);
// The same for architectures ("SCMP_ARCH_X86_64", valid until the next call).
const char *filter_arch_name(size_t i);
