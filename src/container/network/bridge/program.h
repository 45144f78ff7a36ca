// The programs that hostel's own networks need.
#pragma once

#include "base/err.h"
#include "base/str.h"

// Runs ARGV of the Debian package PACKAGE with INPUT (may be NULL), and appends its output to OUT (may be NULL).
// Returns 0, -ENOENT if it is not installed, or another negative errno.
int network_program_run(const char *const argv[], const char *input, struct str *out, const char *package,
                        struct err *e);
