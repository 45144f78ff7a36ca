// Connecting containers to networks, and disconnecting them, in their records and while they run.
#pragma once

#include "base/err.h"
#include "container/state/containers.h"
#include "container/state/view.h"

// Connect V, whose lock is held, to the network that P names, and disconnect it. Return 0, or negative errno with
// nothing changed.
int container_connect(struct containers *c, struct view *v, const struct params *p, struct err *e);
int container_disconnect(struct containers *c, struct view *v, const struct params *p, struct err *e);
