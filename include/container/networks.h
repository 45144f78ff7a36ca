// Networks of containers, for the engine. Thread-safe.
#pragma once

#include "base/err.h"
#include "base/str.h"
#include "container/containers.h"
#include "model/ports.h"
#include "model/shared_network.h"

// Sets how this process joins libvirt's networks; without it, containers can join only those they have been on before.
void containers_use_networks(const struct shared_networks_table *table);

// Removes what containers of STORE (a path without symbolic links) that no longer run have left on networks, and the
// places on libvirt's networks of those that no longer exist. Waits up to ten minutes for each lock. Returns 0 or
// negative errno.
int containers_sweep_networks(const char *store, struct err *e);

// Adds the containers of the default store that are on libvirt's network NETWORK: leases, as in the facts of a
// network, and names.
void containers_on_network(const char *network, struct strv *leases, struct strv *names);
// The same as lines of details: containers with their addresses, MAC addresses and published ports.
void containers_on_network_details(const char *network, struct str *text);

// Checks that PORTS can be published on this host now, and chooses free ports for host ports that are 0. Returns 0,
// -EADDRINUSE (E names the holder of the port) or another negative errno.
int containers_check_ports(struct ports *ports, struct err *e);

// Defines a network, which goes up with its first container. Sets *NAME (owned by the caller). Returns 0, -EEXIST or
// another negative errno.
int containers_network_create(struct containers *c, const struct params *p, const struct job *job, char **name,
                              struct err *e);
// Whether containers_network_act() implements VERB.
bool containers_network_do(enum verb verb);
int containers_network_act(struct containers *c, const char *name, enum verb verb, const struct params *p,
                           const struct job *job, struct err *e);
// Appends a document about a network: details as "name: value" lines, or the definition (which is also its
// configuration) as JSON; there are no others. Returns 0 or negative errno.
int containers_network_read(struct containers *c, const char *name, enum document what, struct str *text,
                            struct err *e);
