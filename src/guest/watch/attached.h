// Which networks the interfaces of guests are attached to, as ids: libvirt's networks, and the host's bridges.
#pragma once

#include "base/str.h"
#include "guest/connection/guests.h"
#include "guest/definition/facts.h"
#include "guest/vir/vir.h"
#include "model/item.h"

// Whether the interface NAME of this host is a bridge, and its key in ids (owned).
bool bridge_exists(const char *name);
char *bridge_key(const char *name);

// The ids of the networks that guests can be attached to, by "network NAME" and "bridge NAME".
struct attachable {
	struct params ids;
	bool local; // the guests' bridges are this host's
};
void attachable_done(struct attachable *a);
// Asks CONN for the networks, if any guest has an interface. Drivers without networks have none.
void attachable_read(struct attachable *a, struct guests *g, virConnectPtr conn);
// Adds to IDS the id of what NIC is attached to, unless it is there already or is not known.
void attachable_add(const struct attachable *a, const struct domain_nic *nic, struct strv *ids);
