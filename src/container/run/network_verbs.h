// The verbs on hostel's own networks, besides creating and removing them. Each takes the lock of the networks.
#pragma once

#include "base/err.h"
#include "base/str.h"
#include "container/network/record/state.h"
#include "container/state/containers.h"
#include "model/job.h"
#include "model/verb.h"

typedef int network_verb(struct containers *c, const char *name, enum verb verb, const struct params *p,
                         const struct job *job, struct err *e);

// Brings it up until it is stopped; stops it, -EBUSY if containers are on it.
network_verb network_start, network_stop;
// Replaces its definition by the JSON text of P. Refuses unknown members, invalid values and subnets of other
// networks.
network_verb network_edit;
// Removes the definitions that no container names, or only lists them (job->out); NAME is "*".
network_verb network_prune;

// Opens the networks of C for a change. Returns 0 or negative errno.
int network_open(struct containers *c, struct networks *n, struct err *e);
// -EBUSY, naming them, if containers are on O. Returns 0 or negative errno.
int network_refuse_used(const struct own_network *o, struct err *e);
// Refuses subnets of O that are those of other definitions. Returns 0 or -EADDRINUSE.
int network_refuse_overlap(const struct networks *n, const struct own_network *o, struct err *e);
