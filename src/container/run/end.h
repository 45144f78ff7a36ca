// Ending and removing containers.
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "container/state/containers.h"
#include "container/state/view.h"

// From now on no restart policy brings it back. Returns a descriptor that is held until it has ended: a mark that no
// process holds is left over from a killed one, and the next list removes it.
int container_mark_stopping(struct containers *c, const struct view *v);
int container_signal(struct containers *c, const struct view *v, const char *signal, struct err *e);
// Kills all its processes and waits until its end is written down.
int container_kill(struct containers *c, const struct view *v, struct err *e);
// Removes a container; FORCE: also one that runs.
int container_delete(struct containers *c, const struct view *v, bool force, struct err *e);
