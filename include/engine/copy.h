// The side of this host when files are copied: see container/copy.h.
#pragma once

#include <stdbool.h>

#include "base/err.h"

int engine_copy_pack(const char *path, bool follow, int out, struct err *e);
int engine_copy_unpack(int in, const char *path, bool owners, struct err *e);
