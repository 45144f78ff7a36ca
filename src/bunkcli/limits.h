// `bunk update`: from options for single limits to JSON.
#pragma once

#include <jansson.h>

#include "base/err.h"
#include "base/str.h"

// linux.resources as JSON text (owned) from option name → value. Returns 0, or -EINVAL with the option in E.
int limits_text(const struct params *limits, char **text, struct err *e);
