// The network interfaces of running containers: listing them, and their figures.
#pragma once

#include "container/containers.h"
#include "container/state/containers.h"
#include "container/state/view.h"
#include "measure.h"
#include "model/inventory.h"
#include "network_uses.h"

// Whether R has interfaces of its own besides the loopback: on networks, or in a namespace that others created.
bool record_has_interfaces(const struct record *r);
// Adds the interfaces of the running container V, with the ids of its NETWORKS.
void interfaces_list(struct containers *c, const struct view *v, struct network_ids *networks, struct inventory *inv);
// Sets what all interfaces of M have received and sent; nothing if they cannot be read.
void interfaces_sample_sum(const struct measured *m, struct sample *s);
// Reports each interface of the measured containers. Called with the lock held.
void interfaces_sample(struct containers *c, const struct measures *what,
                       void (*report)(void *context, const char *id, const struct sample *s), void *context);
