// The root directory of a container, as its processes see it.
#pragma once

#include "base/err.h"
#include "container/state/containers.h"
#include "container/state/view.h"

// Works on ROOT, a descriptor of the container's root directory, in a child process with the rights of root in the
// container. What is there is untrusted: paths must be resolved by fs_resolve().
typedef int inside_work(int root, void *context, struct err *e);

// Runs WORK on the container of V. Its file systems are those of its first process; a container that does not run is
// mounted for the work: the caller must hold its lock. Libraries that WORK needs must be loaded before.
int container_inside(struct containers *c, const struct view *v, inside_work *work, void *context, struct err *e);
