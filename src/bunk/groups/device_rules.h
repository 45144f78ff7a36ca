// SPDX-License-Identifier: LGPL-2.1-or-later
// Which devices a control group may use: rules into devices.allow/deny on v1, into a program for the kernel on v2.
#pragma once

#include <linux/bpf.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "bunk/read/config.h"

// Makes the group DIRECTORY obey R->devices in their order, and after them what every container needs (null, zero,
// terminals …). Returns 0 or negative errno.
int device_rules_apply(const char *directory, bool v2, const struct resources *r, struct err *e);

// The program for v2 alone, for tests: COUNT instructions in an owned array. NULL with E set when a rule is wrong.
struct bpf_insn *device_rules_program(const struct resources *r, size_t *count, struct err *e);
