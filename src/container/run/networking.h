// Connecting containers to networks, and disconnecting them, in their records and while they run.
#pragma once

#include "base/err.h"
#include "container/state/containers.h"
#include "container/state/view.h"

// Connects V, whose lock is held, to the network that P names, and disconnects it. Returns 0 or negative errno; then
// nothing has changed.
int container_connect(struct containers *c, struct view *v, const struct params *p, struct err *e);
int container_disconnect(struct containers *c, struct view *v, const struct params *p, struct err *e);
