// Containers that run, or half run, without a monitor.
#pragma once

#include <stdbool.h>

#include "containers.h"
#include "view.h"

// Whether it runs, or half runs, without a monitor, or has ended but still exists in the runtime.
bool view_is_left_alone(struct containers *c, const struct view *v);
// With REALLY, kills what is left of such a container and records its end. Returns 0 or negative errno.
int view_recover(struct containers *c, struct view *v, bool really);
// Sets V's state as after a recovery, but writes and kills nothing: a container that lives without its monitor is
// still running.
void view_show_recovered(struct containers *c, struct view *v);
