// SPDX-License-Identifier: LGPL-2.1-or-later
// The lines of linux.resources that come as lists.
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
	char *file;             // where the line is written; NULL: cannot be had on this version of cgroups
	char *text;
	const char *other_file; // written, too, as either may be at work for a device: one that takes it is enough
	char *other_text;       // what is written there, NULL = TEXT
	bool optional;          // a missing file is no error
};

typedef int limit_visit(const struct limit_line *line, void *context, struct err *e);
// Calls VISIT for every line, until it returns other than 0, which is returned. LINE lives during the call only. V2:
// the controllers that are on cgroup v2, a bit each.
int limits_each_line(const struct resources *r, unsigned v2, limit_visit *visit, void *context, struct err *e);
