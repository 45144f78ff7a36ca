// Times as users give them: --since and --until.
#pragma once

#include <stdint.h>

#include "base/err.h"

// Reads TEXT, "10m" (that long ago) or a date in UTC, as wall-clock ns; 0 if TEXT is NULL. Returns 0 or -EINVAL.
int when_read(const char *text, int64_t *time, struct err *e);
