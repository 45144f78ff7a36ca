// SPDX-License-Identifier: LGPL-2.1-or-later
// The limits of linux.resources that are lists.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "bunk/read/config.h"
#include "sys/cgroup.h"

struct limit_line {
	const char *name; // of the list, below linux.resources
	size_t index;
	enum cgroup_controller controller;
	char *file;             // the file for the line; NULL: not available on this version of cgroups
	char *text;
	const char *other_file; // also written, since either scheduler may be in use for a device: one success is enough
	char *other_text;       // the line for that file, NULL = TEXT
	bool optional;          // a missing file is not an error
};

typedef int limit_visit(const struct limit_line *line, void *context, struct err *e);
// Calls VISIT for every line until it returns non-zero, and returns that. LINE is valid during the call only. V2: a
// bit mask of the controllers on cgroup v2.
int limits_each_line(const struct resources *r, unsigned v2, limit_visit *visit, void *context, struct err *e);
