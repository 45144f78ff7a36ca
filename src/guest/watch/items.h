// Lists libvirt's networks, the host's bridges, and the disks and interfaces of guests.
#pragma once

#include "attached.h"
#include "guest/connection/guests.h"
#include "guest/vir/vir.h"
#include "model/inventory.h"

// Call after the guests have been listed, with their NETWORKS. Drivers without networks list none.
void items_list(struct guests *g, virConnectPtr conn, const struct attachable *networks, struct inventory *inv);
