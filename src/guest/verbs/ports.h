// Whether a guest's ports can be published: before it is created or started.
#pragma once

#include "base/err.h"
#include "guest/connection/call.h"
#include "guest/connection/guests.h"
#include "model/ports.h"

// Checks that PORTS of a guest of CONN can be published on this host now, and chooses free host ports for those that
// are 0. Does nothing if there are none or the guest is on another host. Returns 0 or negative errno; E names the
// guest or process that has a port.
int guest_check_ports(const struct guests *g, virConnectPtr conn, struct ports *ports, struct err *e);
// The same for the ports in the definition of the guest of C, which is about to start.
int guest_check_own_ports(const struct guests *g, const struct call *c, struct err *e);
