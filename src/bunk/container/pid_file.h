// SPDX-License-Identifier: LGPL-2.1-or-later
// The file of --pid-file: a regular file, or a name that is free.
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"

struct pid_file {
	int directory; // -1: not requested
	const char *name;
	bool written;
};

// Checks PATH before anything is created. NULL: no file.
int pid_file_open(struct pid_file *f, const char *path, struct err *e);
int pid_file_write(struct pid_file *f, pid_t pid, struct err *e);
// Removes the file if it was written.
void pid_file_undo(const struct pid_file *f);
void pid_file_done(struct pid_file *f);
