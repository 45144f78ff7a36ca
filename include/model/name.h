// What workloads may be called, and host names inside them. Safe as a path component, an option value and a host name.
#pragma once

#include <stdbool.h>

#include "base/err.h"

enum { NAME_OF_ANY = -1 }; // the kind is not known yet: what at least one kind may be called

// The usual rule, for help and errors.
#define NAME_RULE "1 to 64 letters, digits, '_', '.', '-', beginning with a letter or digit"

// Whether a workload of KIND (enum kind, NAME_OF_ANY) may be called NAME, which may be NULL.
bool name_is_valid(int kind, const char *name);
// The same with the rule as the error. Returns 0 or -EINVAL.
int name_check(int kind, const char *name, struct err *e);
