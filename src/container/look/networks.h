// Listing hostel's own networks, and the addresses of containers on them.
#pragma once

#include "container/network/record/state.h"
#include "container/state/containers.h"
#include "container/store/record.h"
#include "model/inventory.h"

// Whether networks_list() lists NAME, unless that is one of libvirt's: it is up or defined, or
// hostel's default.
bool network_is_listed(const struct networks *n, const char *name);
void networks_list(struct containers *c, struct inventory *inv);
// Adds "Network NAME: …" for each network of the container R: hostel's or libvirt's.
void network_add_details(struct containers *c, const struct record *r, struct str *text);
// The addresses of the running container R, separated by commas. Owned; NULL if it is not on a network.
char *network_addresses(struct containers *c, const struct record *r);
// Adds the published ports of the running container R.
void network_ports(struct containers *c, const struct record *r, struct strv *ports);
// Why the published ports of the running container R cannot be reached. Owned; NULL if they can, or it has none.
char *network_trouble(struct containers *c, const struct record *r);
