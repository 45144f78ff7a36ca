// SPDX-License-Identifier: LGPL-2.1-or-later
// The program that a process is to execute: why the kernel would refuse it.
#pragma once

#include "base/err.h"

// Why the kernel would not execute PATH: a missing interpreter, another architecture …. Owned, or NULL when nothing is
// wrong with it.
char *program_trouble(const char *path);
// E for the program PATH, which failed with CODE for the reason WHY (NULL: not known). Looks at nothing. Returns
// -CODE.
int program_failed(const char *path, const char *why, int code, struct err *e);
// The same, with what can be seen of the file. Returns -CODE.
int program_refused(const char *path, int code, struct err *e);
