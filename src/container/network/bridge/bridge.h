// Bringing hostel's own networks up and down: bridge, address, DNS and DHCP server, rules. Each step leaves alone what
// is already in place, so repeating it repairs a network.
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "container/network/record/state.h"

// Brings the network NAME up if it is not, or is damaged: by its definition, or without one if NAME is "default". O
// then describes it. A libvirt network that containers are on must be active. Returns 0, -ENOENT (unknown network, or
// a missing program) or another negative errno.
int own_network_up(const struct networks *n, const char *name, struct own_network *o, struct err *e);
// Chooses the subnets of the network NAME by the interfaces of this network namespace, unless it is up, for a later
// own_network_up() in another namespace. Returns 0 or negative errno.
int own_network_define(const struct networks *n, const char *name, struct err *e);
// Gives O a subnet that overlaps none of this host's, and none of other definitions. Returns 0 or -EADDRINUSE.
int own_network_choose_subnet(const struct networks *n, struct own_network *o, struct err *e);
// Takes it down, and removes its directory.
void own_network_down(const struct networks *n, const struct own_network *o);
// To be called when a container has left O: takes O down if no other container is on it and no `network start` keeps
// it up. The caller then calls networks_publish().
void own_network_settle(const struct networks *n, const struct own_network *o);
// Writes the names of O's containers, and makes its DNS server read them.
int own_network_publish_names(const struct own_network *o, struct err *e);
// If endpoints have changed, replaces the rules and names by those of all networks that are up. Returns 0, or negative
// errno if a network cannot be read: then nothing is changed.
int networks_publish(const struct networks *n, struct err *e);
// Adds the tables of N (locked) that no network needs: networks_publish() removes them.
void networks_find_tables(const struct networks *n, struct strv *found);
// A pidfd of the DNS server that was started for O; -ESRCH if there is none.
int own_network_open_server(const struct own_network *o);
// Whether containers can send only with their own MAC and IP addresses, which needs a kernel with nftables for
// bridges.
bool networks_check_sources(const struct networks *n);
// Whether the DNS server of O is alive.
bool own_network_is_served(const struct own_network *o);
