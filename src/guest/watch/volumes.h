// Lists the volumes of storage pools.
#pragma once

#include "guest/connection/guests.h"
#include "model/inventory.h"

// Call after the guests have been listed: they are the users.
void volume_items_list(struct guests *g, struct inventory *inv);
