// Changing a container: its lock, and its record.
#pragma once

#include "base/err.h"
#include "container/state/containers.h"
#include "container/store/record.h"

// Takes the lock of container NAME, waiting for it. Returns a descriptor that holds it, or negative errno.
int container_lock(struct containers *c, const char *name, struct err *e);
// Writes the record R to the container's directory DIR, if it results in a valid bundle. Returns 0 or negative errno.
int container_write(struct containers *c, int dir, const struct record *r, struct err *e);
