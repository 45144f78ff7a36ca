// What every change of a container needs: its lock, and its record.
#pragma once

#include "base/err.h"
#include "container/state/containers.h"
#include "container/store/record.h"

// Takes a container's lock. Returns a descriptor or negative errno.
int container_lock(struct containers *c, const char *name, struct err *e);
// Writes the record R into the container's directory DIR, unless no bundle can be made of it.
int container_write(struct containers *c, int dir, const struct record *r, struct err *e);
