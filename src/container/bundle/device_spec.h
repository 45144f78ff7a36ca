// Devices of the host that a container may use: --device HOST[:INSIDE[:rwm]].
#pragma once

#include <jansson.h>

#include "base/err.h"
#include "container/store/record.h"

// Adds the devices of R to a configuration: as nodes and rules for root on the host, as bind mounts (RESTRICTED) for
// other users, who cannot create nodes. Returns 0, or negative errno naming the device.
int device_specs_add(const struct record *r, bool restricted, json_t *mounts, json_t *linux_section, struct err *e);
