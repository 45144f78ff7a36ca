// Joining and leaving hostel's own networks, in the network namespace that has them: the host's, or an ordinary user's
// (space.h).
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"
#include "container/network/record/state.h"
#include "container/store/record.h"
#include "network.h"

// Joins the networks that R names; waits for their lock. Without a namespace in HOLD, networks_link() creates the
// interfaces later. Returns 0, or negative errno with nothing left behind.
int networks_join(const char *store, struct record *r, struct network_hold *hold, struct err *e);
// Creates the interfaces of CONTAINER, which has joined N, in its network namespace NETNS. Returns 0 or negative
// errno.
int networks_link(const struct networks *n, const char *container, int netns, struct err *e);
// Removes CONTAINER from all networks of N, which is locked. E may be NULL. Returns 0 or negative errno.
int networks_remove(const struct networks *n, const char *container, struct err *e);
// The same for STORE; of containers that leave or join at the same time, one publishes the rules and names of all.
// Takes no lock if the container is on no network.
int networks_leave(const char *store, const char *container, struct err *e);
// Finds what containers that no longer run have left in N: adds it to FOUND (may be NULL), and removes it if REMOVE.
// Returns 0 or negative errno.
int networks_sweep(const struct networks *n, bool remove, struct strv *found, struct err *e);
// Only adds to FOUND the containers that no longer run.
void networks_find_dead(const struct networks *n, struct strv *found);
// The ports that the container RECORD publishes. Returns 0 or -EINVAL.
int networks_read_ports(const struct record *record, struct ports *ports, struct err *e);
