// Valid names of workloads and volumes, and hostnames inside workloads: safe as a path component, an option value and
// a hostname.
#pragma once

#include <stdbool.h>

#include "base/err.h"

enum { NAME_OF_ANY = -1 }; // the kind is not known yet: names valid for at least one kind

// The usual rule, for help and errors.
#define NAME_RULE "1 to 64 letters, digits, '_', '.', '-', beginning with a letter or digit"

// Whether NAME, which may be NULL, is valid for an item of KIND (enum kind or NAME_OF_ANY).
bool name_is_valid(int kind, const char *name);
// The same; returns 0, or -EINVAL with the rule in E.
int name_check(int kind, const char *name, struct err *e);
