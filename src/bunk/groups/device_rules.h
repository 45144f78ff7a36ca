// SPDX-License-Identifier: LGPL-2.1-or-later
// The device rules of a control group: devices.allow and devices.deny on v1, a BPF program on v2.
#pragma once

#include <linux/bpf.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "bunk/read/config.h"

// Applies R->devices to the group DIRECTORY in order, followed by the devices that every container needs (null, zero,
// terminals …). Returns 0 or negative errno.
int device_rules_apply(const char *directory, bool v2, const struct resources *r, struct err *e);

// The program for v2, for tests: COUNT instructions in an owned array. NULL with E set for an invalid rule.
struct bpf_insn *device_rules_program(const struct resources *r, size_t *count, struct err *e);
