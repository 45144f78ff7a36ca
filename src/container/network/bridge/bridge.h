// Bringing hostel's own networks up and down: bridge, address, forwarding, server. Each step leaves alone what is
// already in place, so repeating it repairs a network.
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "container/network/record/state.h"

// Brings the network NAME up if it is not, or is damaged: by its definition, or without one if NAME is "default". O
// then describes it. A libvirt network that containers are on must be active. Returns 0, -ENOENT (unknown network, or
// a missing program) or another negative errno.
int own_network_up(const struct networks *n, const char *name, struct own_network *o, struct err *e);
// Chooses the subnets of the network NAME by the interfaces of this network namespace, unless it is up, for a later
// own_network_up() in another namespace. Returns 0 or negative errno.
int own_network_define(const struct networks *n, const char *name, struct err *e);
// Takes it down, and removes its directory.
void own_network_down(const struct networks *n, const struct own_network *o);
// To be called when a container has left O: takes O down if no other container is on it and no `network start` keeps
// it up. The caller then calls networks_publish().
void own_network_settle(const struct networks *n, const struct own_network *o);
