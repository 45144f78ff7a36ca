// Copying a directory of stacked directories, as overlayfs(5) would show it, into another: what a volume gets from an
// image on its first use.
#pragma once

#include "base/err.h"
#include "base/str.h"

// Copies what PATH holds in ROOTS (topmost first) into the empty directory TO, with the owner and mode of PATH itself.
// Files keep owner, mode, time and extended attributes; symbolic links are copied, and none leads out of ROOTS; hard
// links become files of their own; devices and sockets are left out. Returns 0, also if PATH is not a directory there,
// or negative errno.
int copy_stacked(const struct strv *roots, const char *path, int to, struct err *e);
