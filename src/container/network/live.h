// Connecting a running container to another network, and disconnecting it.
#pragma once

#include "base/err.h"
#include "container/network/record/attachment.h"

// Connects CONTAINER of STORE, which runs in a network namespace of its own, as A asks for it (network_up()). Returns
// 0 or negative errno, with nothing left behind.
int network_attach(const char *store, const char *container, struct attachment *a, struct err *e);
// Disconnects it; if its default route led through this network, or its published ports, they move to another one. Its
// monitor must be told (network_follow_ports()). Returns 0, -EBUSY if no other network could publish the ports, or
// another negative errno.
int network_detach(const char *store, const char *container, const char *network, struct err *e);
