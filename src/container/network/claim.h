// Claiming ports of this host: while a container runs, its monitor keeps a socket bound to each published port, so
// that no other program gets a port whose packets would go to the container.
#pragma once

#include "base/err.h"
#include "ports.h"

// Binds a socket for each of P. SOCKETS has room for P->count descriptors. Returns 0, or -EADDRINUSE with the name of
// the process that has the port, or another negative errno; then none is open.
int ports_claim(const struct ports *p, int *sockets, struct err *e);
