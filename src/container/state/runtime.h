// Calling the OCI runtime.
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"
#include "containers.h"

// Runs a verb of the runtime on a container and waits. Returns 0 or negative errno with what it said.
int runtime_run(struct containers *c, const char *const words[], const char *input, struct str *out, struct err *e);
// Whether the runtime has a container of that name. Its state directory is the truth about what a killed monitor left.
bool runtime_knows(struct containers *c, const char *name);
