// SPDX-License-Identifier: LGPL-2.1-or-later
// The file of --pid-file: a regular file, or a name that is free.
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"

// The file of --pid-file: a regular file, or a name that is free.
struct pid_file {
	int directory; // -1: none was asked for
	const char *name;
	bool written;
};

// Looks at it, before anything is made. PATH NULL: none.
int pid_file_open(struct pid_file *f, const char *path, struct err *e);
int pid_file_write(struct pid_file *f, pid_t pid, struct err *e);
// Removes it again, if it was written.
void pid_file_undo(const struct pid_file *f);
void pid_file_done(struct pid_file *f);
