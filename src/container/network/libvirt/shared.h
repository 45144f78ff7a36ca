// Containers on libvirt's networks: which networks these are, and a container's place on them. Such a network's
// bridge, servers and rules are libvirt's; hostel adds an interface on the bridge, and entries (reservation.h).
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "container/network/record/attachment.h"
#include "container/network/record/state.h"
#include "container/store/record.h"

// Whether NAME is libvirt's network rather than hostel's own: the one that containers are on, else a defined
// one of hostel's, else libvirt's. The default network is libvirt's only if that is active.
bool network_is_shared(const struct networks *n, const char *name);
// Whether NAME is hostel's default network, which exists without a definition, also while it is down.
bool network_is_own_default(const struct networks *n, const char *name);
// Brings up the network that A names for CONTAINER, like own_network_up(). For one of libvirt's networks,
// network_reserve() must have been called; A is set to the place of CONTAINER, without asking libvirt. Returns 0,
// -ENETDOWN or another negative errno.
int network_up(const struct networks *n, const char *container, struct attachment *a, struct own_network *o,
               struct err *e);
// Gives the container R of STORE its places on those of its networks that are libvirt's. Returns 0 or negative errno.
int network_reserve(const char *store, const struct record *r, struct err *e);
