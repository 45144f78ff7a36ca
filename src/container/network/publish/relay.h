// A relay for published ports, for connections and datagrams that the rules do not translate: those to the host's
// loopback addresses, which could reach a container only with route_localnet, those over IPv6, and all those to
// ordinary users' containers. It runs in the event loop of the container's monitor, or of a process of its own
// (forwarder.h), never blocks, and costs nothing while there are no connections.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "claim.h"

enum { RELAY_MOST = 1024 }; // connections at a time; others wait in the sockets' queues

struct relay;
// Creates a relay for the sockets of CLAIMS that are relayed, to the IPv4 address TO (host byte order). CLAIMS must
// outlive it. ANY_ADDRESS: it serves IPv4 clients of all addresses of the host, not only of loopback addresses.
// Returns 0 or negative errno; *RELAY is NULL if none of the sockets is relayed.
int relay_new(struct relay **relay, const struct port_claims *claims, uint32_t to, bool any_address, struct err *e);
// New connections and all datagrams go to the address TO.
void relay_lead(struct relay *r, uint32_t to);
void relay_free(struct relay *r); // closes all connections; NULL is allowed
// A descriptor that is readable while relay_serve() has work; -1 for NULL.
int relay_fd(const struct relay *r);
// Does a bounded amount of work, without waiting.
void relay_serve(struct relay *r);
