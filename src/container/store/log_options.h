// What the options of a container say about its log.
#pragma once

#include <stddef.h>

#include "base/err.h"
#include "base/str.h"

struct log_options {
	size_t most;    // bytes of a file before it is rotated; 0: nothing is logged
	unsigned files; // the log and the older files that are kept
};
// Returns 0, or -EINVAL for an option that is not supported.
int log_options_read(struct log_options *o, const struct params *p, struct err *e);
