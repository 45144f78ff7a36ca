// Starting containers.
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "container/state/containers.h"
#include "container/state/view.h"

// Starts a container; the caller holds its lock. With FOREGROUND the connection to the monitor is kept in
// C->foreground for containers_attach(). Returns 0 or negative errno.
int container_start(struct containers *c, struct view *v, bool foreground, struct err *e);
