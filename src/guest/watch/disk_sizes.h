// Sizes of the disks of guests that are off. Those of running guests are figures.
#pragma once

#include "guest/connection/guests.h"
#include "guest/vir/vir.h"

// Asks libvirt for those that are not known, or were looked at more than a minute ago. Nothing is started.
void disk_sizes_update(struct guests *g, virConnectPtr conn);
