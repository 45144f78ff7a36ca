// The difference between two texts, line by line.
#pragma once

#include "base/str.h"

// Adds what makes NEW of OLD: "-" before lines that go, "+" before those that come, " " before the three around them,
// and "@@ line N @@" (of NEW) before each group. Nothing when they are equal.
void diff_add(struct str *out, const char *old, const char *new);
