// Removes what exited containers have left on networks.
#pragma once

#include "base/err.h"

// Removes what containers that no longer run have left on networks of STORE, the path of a store of containers without
// symbolic links, and what deleted ones have left on libvirt's networks. Waits up to ten minutes for each lock.
// Returns 0 or negative errno.
int engine_sweep(const char *store, struct err *e);
