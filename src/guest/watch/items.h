// What is listed beside guests: networks of libvirt, bridges of the host, disks and interfaces of guests.
#pragma once

#include "guest/connection/guests.h"
#include "guest/vir/vir.h"
#include "model/inventory.h"

// After the guests of this list are known. A libvirt without networks has none.
void items_list(struct guests *g, virConnectPtr conn, struct inventory *inv);
