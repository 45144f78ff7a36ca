// The subnets that are in use, and choosing others.
#pragma once

#include <stddef.h>

#include "base/err.h"
#include "container/network/record/state.h"

// The subnets of this host's interfaces. *LIST is owned. Returns their number.
size_t own_network_taken_subnets(struct subnet **list);
// Refuses O's subnet if it overlaps one of the COUNT subnets TAKEN. Returns 0 or -EADDRINUSE.
int own_network_check_subnet(const struct own_network *o, const struct subnet *taken, size_t count, struct err *e);
// Gives O a subnet that overlaps none of this host's, and none of other definitions. Returns 0 or -EADDRINUSE.
int own_network_choose_subnet(const struct networks *n, struct own_network *o, struct err *e);
