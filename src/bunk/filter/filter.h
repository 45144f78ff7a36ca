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
	bool notify;               // it has SCMP_ACT_NOTIFY
};

// Sets the program, which is of POOL, and the flags. A name that neither libseccomp nor the table of newer calls
// (numbers.c) knows is passed over, as the specification's users expect.
int filter_compile(struct filter *f, struct pool **pool, const struct seccomp_config *config, struct err *e);
// The same, as libseccomp writes it.
int filter_compile_long(struct filter *f, struct pool **pool, const struct seccomp_config *config, struct err *e);
// Writes the compiler and its versions to TEXT: another compiler may make another program of the same profile.
void filter_compiler(char *text, size_t size);
// Loads it for this thread and its children. Needs no-new-privileges or CAP_SYS_ADMIN. Returns 0, with F->notify the
// descriptor that the agent listens on, or negative errno.
int filter_load(const struct filter *f, struct err *e);
// The I-th action, comparison and flag that are understood; NULL past the last. For `bunk features`.
const char *filter_action_name(size_t i);
const char *filter_operator_name(size_t i);
const char *filter_flag_name(size_t i);
// The same for architectures ("SCMP_ARCH_X86_64", valid until the next call).
const char *filter_arch_name(size_t i);
