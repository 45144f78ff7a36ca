// A relay for published UDP ports: the part of relay.h for datagrams. Each client, on each of the host's addresses it
// sends to, has a session: a socket connected to the container, whose answers go to that client only. It runs in the
// event loop of relay.h, never blocks, and drops what cannot be sent at once, as a network would.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/err.h"
#include "claim.h"

// Limits of sessions. Connection tracking forgets UDP after 30 s, or after 120 s once both sides have sent.
#define UDP_RELAY_IDLE (60 * SECOND)
enum { UDP_RELAY_MOST = 1024 };

struct udp_relay_limits {
	size_t sessions; // a further one replaces the session that was unused longest
	int64_t idle;    // a session ends when it has been unused for so long
	bool any_address; // as for relay_new()
};
struct udp_relay;
// Creates a relay for datagrams to the UDP sockets of CLAIMS that are relayed; CLAIMS must outlive it. TO: as for
// relay_new(). Returns 0 or negative errno; *RELAY is NULL if none of the sockets is relayed.
int udp_relay_new(struct udp_relay **relay, const struct port_claims *claims, uint32_t to,
                  struct udp_relay_limits limits, struct err *e);
// Datagrams go to the address TO; existing sessions end if that changes.
void udp_relay_lead(struct udp_relay *r, uint32_t to); // NULL is allowed
void udp_relay_free(struct udp_relay *r);              // NULL is allowed
// A descriptor that is readable while udp_relay_serve() has work; -1 for NULL.
int udp_relay_fd(const struct udp_relay *r);
size_t udp_relay_sessions(const struct udp_relay *r); // the current number
// Does a bounded amount of work, without waiting.
void udp_relay_serve(struct udp_relay *r);
