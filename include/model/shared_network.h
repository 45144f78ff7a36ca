// Containers on libvirt's networks. The guest layer knows libvirt, the container layer knows containers, and neither
// knows the other: the engine layer passes functions of the guest layer to the container layer in this table.
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"

// An active network of libvirt. Zeroed = empty; texts are owned, NULL = there is none.
struct shared_network {
	char *uuid;
	char *bridge;          // its interface on this host
	char *address, *subnet; // of this host on it, IPv4: "192.168.122.1", "192.168.122.0/24"
	char *address6, *subnet6; // the same, IPv6
	char *domain;
	struct strv addresses; // reserved or leased, of both families
	struct strv macs;      // reserved
	bool dns;              // has a DNS server
	bool isolated;         // does not lead outside
};
void shared_network_done(struct shared_network *n);

// What a network's DHCP and DNS servers know of a container.
struct network_place {
	char *name; // of the container: its first name in DNS
	char *address, *mac;
	char *address6; // NULL: none
	struct strv aliases;
};
void network_place_done(struct network_place *p);

struct shared_networks_table {
	// Opens a connection to libvirt; waits at most a few seconds. Returns 0 or negative errno with a remedy.
	int (*open)(void **self, struct err *e);
	void (*close)(void *self);
	// Describes the network NAME. Returns 0, -ENOENT, -ENETDOWN (it is not active) or another negative errno.
	int (*read)(void *self, const char *name, struct shared_network *n, struct err *e);
	// Adds the entries of P that are missing to the network's DHCP and DNS, for now and for its next starts. Returns 0
	// or negative errno; some may have been added then.
	int (*add)(void *self, const char *uuid, const struct network_place *p, struct err *e);
	// Removes exactly these entries. Returns 0, also if there are none or the network is gone, or negative errno.
	int (*remove)(void *self, const char *uuid, const struct network_place *p, struct err *e);
};

static inline void auto_shared_network_run(struct shared_network *n)
{
	shared_network_done(n);
}
#define auto_shared_network AUTO(shared_network) struct shared_network
