// The log file, in the formats that engines read: errors, warnings and debug messages.
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "options.h"

// Checks that the file can be opened and the format is known. Returns 0 or negative errno.
int log_check(const struct options *o, struct err *e);
bool log_is_debugging(const struct options *o);
// Adds a line of LEVEL ("error", "warning", "debug"). A failure is ignored.
void log_line(const struct options *o, const char *level, const char *text);
// Keeps the file open, for a verb that enters the container, where its path would lead to another file. Its descriptor
// is above those of --preserve-fds.
void log_keep(struct options *o);
