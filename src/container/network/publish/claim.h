// Claiming ports of this host: while a container runs, its monitor keeps a socket bound to each published port, so
// that no other program can bind a port whose packets go to the container. All ports of ordinary users are relayed.
#pragma once

#include "base/err.h"
#include "model/ports.h"

// A socket that is bound to a published port.
struct port_claim {
	int fd;
	uint16_t inside;
	bool udp;
	bool relayed; // by relay.h, which reads it; for TCP, it listens
};
struct port_claims {
	struct port_claim *items;
	size_t count;
};
// Binds sockets for each of P, one per address family, and chooses free ports for host ports that are 0. Returns 0,
// -EADDRINUSE with E naming the process that has the port, or another negative errno; after an error no socket is
// open.
int ports_claim(struct ports *p, struct port_claims *claims, struct err *e);
void port_claims_done(struct port_claims *claims); // closes them
