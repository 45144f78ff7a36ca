// Bases of the image "host": copies of small files of the host, which containers share (host.h).
#pragma once

#include <stdbool.h>

#include "base/err.h"

// Makes the directories of PATH but the last, or all of it (WHOLE), below DIR_FD. Returns the last one's descriptor or
// negative errno.
int host_make_directories(int dir_fd, const char *path, bool whole);
// Makes the base for the host as it is now, unless it exists, and links DIR/host to it. Returns 0 or negative errno.
int host_link_base(int dir_fd, struct err *e);
