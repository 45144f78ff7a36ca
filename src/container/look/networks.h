// Listing hostel's own networks, and the addresses of containers on them.
#pragma once

#include "container/state/containers.h"
#include "container/store/record.h"
#include "model/inventory.h"

void networks_list(struct containers *c, struct inventory *inv);
// The address of the running container R. Owned; NULL if it is on no network of hostel's.
char *network_address(struct containers *c, const struct record *r);
