// Networks of containers, for the engine. Thread-safe.
#pragma once

#include "base/err.h"
#include "base/str.h"
#include "container/containers.h"
#include "model/shared_network.h"

// How to join libvirt's networks, for this process; without it no container can join one that it has never been on.
void containers_use_networks(const struct shared_networks_table *table);

// Adds who is on libvirt's network NETWORK, of the default store: leases as in the facts of a network, and names.
void containers_on_network(const char *network, struct strv *leases, struct strv *names);
// The same as lines of details: containers, with addresses and MAC addresses, and their published ports.
void containers_on_network_details(const char *network, struct str *text);

// Defines a network, which goes up with its first container. Sets *NAME (owned by the caller). Returns 0, -EEXIST or
// another negative errno.
int containers_network_create(struct containers *c, const struct params *p, const struct job *job, char **name,
                              struct err *e);
// Whether containers_network_act() implements VERB.
bool containers_network_do(enum verb verb);
int containers_network_act(struct containers *c, const char *name, enum verb verb, const struct params *p,
                           const struct job *job, struct err *e);
// Appends a document about a network: details as "name: value" lines, or the definition (also as its configuration) as
// JSON; it has no others. Returns 0 or negative errno.
int containers_network_read(struct containers *c, const char *name, enum document what, struct str *text,
                            struct err *e);
