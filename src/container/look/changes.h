// What a container changed against its image, from the upper directory of its overlay.
#pragma once

#include "base/err.h"
#include "base/str.h"
#include "container/state/containers.h"
#include "container/state/view.h"

// Adds the paths ("etc/hosts"), sorted, where the runtime mounts something: it creates files and directories there,
// which the container did not change.
void changes_mount_points(const struct view *v, struct strv *paths);
// The directories of its image, topmost first; for the image "host" the parts that are visible, at the same paths.
void changes_lowers(const struct containers *c, const struct view *v, struct strv *lowers);
