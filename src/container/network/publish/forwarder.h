// The published ports of an ordinary user's container. The monitor has sockets that are bound to the host's ports; a
// child process of it, the forwarder, enters a network namespace from which the container can be reached, and relays
// what arrives at them (relay.h). So ports do not depend on the program that connects the container to the outside,
// and connections to them last while that is replaced. The forwarder drops all privileges once it has entered the
// namespace, and dies with the monitor.
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "claim.h"

struct forwarder {
	pid_t pid;       // 0: not running
	int user, net;   // its namespaces; -1: none
	uint32_t *to;    // the container's IPv4 address, shared with the process; NULL: there are no ports
};
#define FORWARDER_NONE ((struct forwarder){.user = -1, .net = -1})

// Starts a forwarder from CLAIMS to address TO in the namespaces USER, which owns NET, and NET; they are duplicated.
// Does nothing if there are no claims. Returns 0 or negative errno, with nothing left behind.
int forwarder_start(struct forwarder *f, const struct port_claims *claims, uint32_t to, int user, int net,
                    struct err *e);
// Starts it again after it was killed and reaped. Returns 0 or negative errno.
int forwarder_restart(struct forwarder *f, const struct port_claims *claims, struct err *e);
// New connections go to the address TO.
void forwarder_lead(const struct forwarder *f, uint32_t to);
void forwarder_stop(struct forwarder *f);
