// SPDX-License-Identifier: LGPL-2.1-or-later
// The ids of a new user namespace.
#pragma once

#include <sys/types.h>

#include "base/err.h"
#include "bunk/read/config.h"

// Maps the ids of PID's new user namespace, with the helpers of the shadow package if this user lacks the privilege.
int map_ids(pid_t pid, const struct id_maps *uids, const struct id_maps *gids, struct err *e);
