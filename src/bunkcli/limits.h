// `bunk update`: converts the options for single limits to JSON.
#pragma once

#include <jansson.h>

#include "base/err.h"
#include "base/str.h"

// Converts LIMITS, a map from option names to values, to linux.resources as JSON *TEXT (owned). Returns 0 or -EINVAL.
int limits_text(const struct params *limits, char **text, struct err *e);
