// slirp4netns(1): a process that connects one network namespace to the outside through the user's own sockets, and
// publishes ports above 1023. It exits when all descriptors of the other end of a pipe are closed.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"
#include "model/ports.h"

// The settings of the namespace, always the same.
#define SLIRP_ADDRESS "10.0.2.100"
#define SLIRP_SERVER "10.0.2.3"
#define SLIRP_MTU 65520 // a small packet takes it as long as a large one

// Where slirp4netns runs.
struct slirp_place {
	const char *directory; // of its control socket
	pid_t process;         // whose network namespace it connects, and whose user namespace owns that
	int alive;             // the reading end of the pipe
};
// Starts it. Returns its pid, which the caller reaps, once the namespace is connected, or negative errno.
pid_t slirp_launch(const struct slirp_place *place, struct err *e);

// A port of the host, and the one of SLIRP_ADDRESS that it leads to.
struct slirp_port {
	struct port port;
	uint16_t to;
	bool ours; // of the caller's container: a failure to publish it is an error
};
// Makes the process whose control socket is in DIRECTORY publish the COUNT ports of PORTS and no others. Returns 0 or
// negative errno, then for one of OURS.
int slirp_publish(const char *directory, const struct slirp_port *ports, size_t count, struct err *e);
// The request that publishes a port. Owned.
char *slirp_request(const struct slirp_port *p);

// That of a private network. It exits with the container's monitor, which holds the other end of the pipe.
struct slirp {
	pid_t pid;  // 0 = not running
	int alive;  // it ends when this is closed
};
// Connects the network namespace of process PID, and publishes PORTS. Its control socket is in the current directory.
// Returns 0 or negative errno, with nothing left behind.
int slirp_start(struct slirp *s, pid_t pid, const struct ports *ports, struct err *e);
void slirp_stop(struct slirp *s);
