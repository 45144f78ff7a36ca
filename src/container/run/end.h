// Stopping, killing and removing containers.
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "container/state/containers.h"
#include "container/state/view.h"

// Marks the container as being stopped, so that no restart policy restarts it. Returns a descriptor to be held until
// it has exited, or negative errno: a mark that no process holds is stale, and is removed by the next listing.
int container_mark_stopping(struct containers *c, const struct view *v);
// Sends SIGNAL (a name) to the first process. Returns 0 or negative errno.
int container_signal(struct containers *c, const struct view *v, const char *signal, struct err *e);
// Kills all processes and waits until the exit is recorded. Returns 0 or negative errno.
int container_kill(struct containers *c, const struct view *v, struct err *e);
// Removes a container, with FORCE even a running one, and with VOLUMES its anonymous volumes. Returns 0 or negative
// errno.
int container_delete(struct containers *c, const struct view *v, bool force, bool volumes, struct err *e);
