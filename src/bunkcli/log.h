// Errors, warnings and what --debug shows, in a file as engines read it.
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "options.h"

// Whether the file can be written, and its format is one. Returns 0 or negative errno.
int log_check(const struct options *o, struct err *e);
bool log_is_debugging(const struct options *o);
// Adds a line of LEVEL ("error", "warning", "debug"). A failure is ignored.
void log_line(const struct options *o, const char *level, const char *text);
// Opens the file for good, for a verb that enters the container, where its name would mean another: above the numbers
// that --preserve-fds is about.
void log_keep(struct options *o);
