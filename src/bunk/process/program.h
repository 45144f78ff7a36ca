// SPDX-License-Identifier: LGPL-2.1-or-later
// Explaining why the kernel refuses to execute a program.
#pragma once

#include "base/err.h"

// Why the kernel would refuse to execute PATH: a missing interpreter, another architecture …. Owned, or NULL if no
// reason is found.
char *program_trouble(const char *path);
// Sets E for the program PATH, which failed with CODE for the reason WHY (NULL: unknown). Returns -CODE.
int program_failed(const char *path, const char *why, int code, struct err *e);
// The same, with the reason found by looking at the file. Returns -CODE.
int program_refused(const char *path, int code, struct err *e);
