// The side of this host when files are copied from or to a container: streams of tar(5).
#pragma once

#include <stdbool.h>

#include "base/err.h"

// Writes PATH, and what is below it, to the descriptor OUT, under its last name ("." for "PATH/."). A link at its end
// is followed with FOLLOW. Returns 0 or negative errno.
int copy_pack(const char *path, bool follow, int out, struct err *e);
// Reads such a stream from the descriptor IN and copies it to PATH, like cp(1): into PATH if that is a
// directory. The stream may be hostile: nothing is written elsewhere. With OWNERS files get the owners that the
// stream names, otherwise they belong to the caller. Returns 0 or negative errno.
int copy_unpack(int in, const char *path, bool owners, struct err *e);
