// Renaming a container. Its files, its record and its endpoints on networks follow at once; the runtime and the
// control groups know a container that runs by the id it was started with, until its next start.
#pragma once

#include "base/err.h"
#include "container/state/containers.h"
#include "container/state/view.h"

// Checks whether V can be renamed to TO, before anything is changed. Returns 0 or negative errno.
int container_check_rename(struct containers *c, const struct view *v, const char *to, struct err *e);
// The caller holds the container's lock. Returns 0 or negative errno, with nothing changed.
int container_rename(struct containers *c, struct view *v, const char *to, struct err *e);
