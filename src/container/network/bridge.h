// Bringing hostel's own networks up and down: bridge, address, DNS and DHCP server, rules. Each step can be repeated:
// it leaves alone what is in place, so that it also repairs.
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "state.h"

// Brings the network NAME up if it is not, or is damaged: by its definition, or without one if NAME is "default".
// O describes it. One of libvirt's that containers are on must be active. Returns 0, -ENOENT (unknown network, or a
// program is missing) or another negative errno.
int own_network_up(const struct networks *n, const char *name, struct own_network *o, struct err *e);
// Decides what the network NAME is, unless it is up, by the interfaces of this network namespace: for
// own_network_up() in another one. Returns 0 or negative errno.
int own_network_define(const struct networks *n, const char *name, struct err *e);
// Gives O a subnet that overlaps none of this host's, and none of other definitions. Returns 0 or -EADDRINUSE.
int own_network_choose_subnet(const struct networks *n, struct own_network *o, struct err *e);
// Takes it down, and removes its directory.
void own_network_down(const struct networks *n, const struct own_network *o);
// After a container has left O: takes it down if no other is on it and it was not started. networks_publish() follows.
void own_network_settle(const struct networks *n, const struct own_network *o);
// Writes the names of O's containers, and makes its DNS server read them.
int own_network_publish_names(const struct own_network *o, struct err *e);
// Replaces the rules by those of all networks that are up, and the names, if endpoints have changed. Returns 0, or
// negative errno if one cannot be read: then nothing is changed.
int networks_publish(const struct networks *n, struct err *e);
// A pidfd of the DNS server that was started for O; -ESRCH if there is none.
int own_network_open_server(const struct own_network *o);
// Whether containers can send only packets with their own MAC and IP address: not if the kernel has no nftables for
// bridges.
bool networks_check_sources(const struct networks *n);
// Whether the DNS server of O is alive.
bool own_network_is_served(const struct own_network *o);
