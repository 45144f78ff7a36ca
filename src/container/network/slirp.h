// The network of an ordinary user's container: slirp4netns(1), a process of its own that passes the traffic of one
// network namespace on with the user's own sockets. The container has a private network with access to the outside,
// and publishes ports above 1023. It ends with its monitor, which holds a pipe to it.
#pragma once

#include <sys/types.h>

#include "base/err.h"
#include "ports.h"

// What the container finds: slirp4netns has one network for all.
#define SLIRP_ADDRESS "10.0.2.100"
#define SLIRP_SERVER "10.0.2.3"

struct slirp {
	pid_t pid;  // 0 = not running
	int alive;  // it ends when this is closed
};

// Connects the network namespace of process PID, and publishes PORTS. Its control socket is in the current directory.
// Returns 0 or negative errno, with nothing left behind.
int slirp_start(struct slirp *s, pid_t pid, const struct ports *ports, struct err *e);
void slirp_stop(struct slirp *s);
// The request that publishes a port. Owned.
char *slirp_request(const struct port *p);
