// The network of a container: joining one when it starts, and undoing that. Containers on hostel's own networks (a
// bridge with a DHCP and DNS server, and NAT) reach each other by name, and the outside. Everything that is created is
// first written to a file (state.h), so that another process can undo it if this one is killed.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/str.h"
#include "container/network/helper/helper.h"
#include "container/network/publish/claim.h"
#include "container/network/publish/forwarder.h"
#include "container/network/publish/relay.h"
#include "container/store/record.h"
#include "model/ports.h"
#include "space.h"

// What the monitor keeps open while its container runs.
struct network_hold {
	int netns;    // the namespace to run in; -1 if the runtime creates it, or the host's is used
	struct port_claims claims; // of the published ports
	struct relay *relay;  // NULL: none
	bool connects;       // network_connect() connects the namespace once the runtime has created it
	struct ports ports;  // to publish then
	struct helper helper; // of a private network
	struct forwarder forwarder; // of the published ports of an ordinary user's container
	struct network_space space; // of an ordinary user's networks: the runtime is to create the container there
};
#define NETWORK_HOLD_NONE \
	((struct network_hold){.netns = -1, .helper = {.alive = -1}, \
	                                         .forwarder = {.user = -1, .net = -1}, .space = {-1, -1, -1, -1}})
void network_release(struct network_hold *h);

// Gives the container R of STORE its network, and fills R->join and HOLD. Called by the container's monitor. Returns 0
// or negative errno, with nothing left behind.
int network_join(const char *store, struct record *r, struct network_hold *hold, struct err *e);
// Connects the network namespace of process PID, the first one of container R, which has been created but not started.
// Returns 0 or negative errno.
int network_connect(const char *store, const struct record *r, struct network_hold *hold, pid_t pid, struct err *e);
// Reconnects a private network after its helper has died. Returns 0 or negative errno.
int network_reconnect(struct network_hold *hold, pid_t pid, struct err *e);
// The helper has died, and was reaped.
void network_release_helper(struct network_hold *hold);
// Starts the forwarder of the published ports of a container again: it has died, and was reaped. Returns 0 or
// negative errno.
int network_forward_again(struct network_hold *hold, struct err *e);
// Lets HOLD follow where the published ports of CONTAINER, which runs, lead to: after network_detach() that may be an
// address on another network.
void network_follow_ports(const char *store, const char *container, struct network_hold *hold);
// Whether a process is changing the networks of STORE; then *HOLDER is that process, or 0 if it is unknown.
bool network_is_locked(const char *store, pid_t *holder);
// Undoes that for CONTAINER, in whatever state it was left; a network that no container uses any longer goes down.
// Does nothing for other containers. Returns 0, or negative errno if something may be left over.
int network_leave(const char *store, const char *container, struct err *e);
// Opens the network namespace of CONTAINER of STORE. Returns a descriptor, -EINVAL if it is not running, or another
// negative errno.
int network_namespace_of(const char *store, const char *container, struct err *e);
// Gives container FROM the name TO on its networks. Calls MOVE, which renames the container itself; meanwhile no other
// process checks which containers on the networks still exist. Returns what MOVE returns, or an earlier negative
// errno.
int network_rename(const char *store, const char *from, const char *to, int (*move)(void *context, struct err *e),
                   void *context, struct err *e);
// Removes what containers of STORE that no longer run have left on the host, if REMOVE, and adds it to FOUND (may be
// NULL). Never touches what other programs, or other stores, have created. Returns 0 or negative errno.
int network_sweep(const char *store, bool remove, struct strv *found, struct err *e);
