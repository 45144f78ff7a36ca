// Running the OCI runtime.
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"
#include "containers.h"

// Runs the runtime with the arguments WORDS (NULL-terminated) and waits. INPUT is its standard input, its output is
// appended to OUT (both may be NULL). Returns 0, or negative errno with its error message.
int runtime_run(struct containers *c, const char *const words[], const char *input, struct str *out, struct err *e);
// Whether the runtime has a container NAME. Its state directory is authoritative about what a killed monitor left
// behind.
bool runtime_knows(struct containers *c, const char *name);
