// Bases of the image "host": copies of small files of the host, shared by containers (host.h).
#pragma once

#include <stdbool.h>

#include "base/err.h"

// Creates the directories of PATH below DIR_FD: all of them (WHOLE), or all but the last. Returns a descriptor of the
// last one created or negative errno.
int host_make_directories(int dir_fd, const char *path, bool whole);
// Creates the base for the current state of the host, unless it exists, and links DIR/host to it. Returns 0 or
// negative errno.
int host_link_base(int dir_fd, struct err *e);
