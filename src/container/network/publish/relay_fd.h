// The descriptors of a relay. The soft limit (RLIMIT_NOFILE) is often 1024, and the container inherits it, so it is
// not raised: if it is low, a relay's descriptors are above it, and the monitor's other work never lacks one.
#pragma once

#include <stddef.h>

// Moves FD above the soft limit, if that is low and the hard limit allows it. Returns the new descriptor, or FD. A
// negative FD is returned unchanged.
int relay_fd_move(int fd);
// How many objects with EACH descriptors there can be, at most WANTED and at least 1.
size_t relay_fd_most(size_t wanted, size_t each);
