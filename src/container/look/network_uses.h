// Which networks a container uses, as ids: hostel's own, and libvirt's.
#pragma once

#include "base/str.h"
#include "container/state/containers.h"
#include "container/store/record.h"
#include "model/workload.h"

// The ids of the networks that were looked up for one listing, by name; "" if there is none.
struct network_ids {
	struct params known;
};
void network_ids_done(struct network_ids *ids);
// Adds to REFERENCES the id of the network NAME, if there is one.
void network_use_add(struct network_ids *ids, struct containers *c, const char *name, struct strv *references);
// Adds to W the names and ids of the networks that the container of R is on or, while it is stopped, joins when it
// starts. Networks that do not exist have no id, nor do libvirt's networks whose id is unknown.
void network_uses_add(struct network_ids *ids, struct containers *c, const struct record *r, struct workload *w);
