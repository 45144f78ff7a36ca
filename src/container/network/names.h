// Names in a container's networks. The name server of its first network does not know those of the others, so they are
// in its /etc/hosts, which is kept up to date while it runs. Only a container that is on a network sees its names.
#pragma once

#include "base/err.h"
#include "base/str.h"
#include "container/network/record/state.h"
#include "container/store/record.h"

// Writes the hosts file of each container that is on several networks, after anything has joined or left one. If
// CONTAINER, which is being started, is not NULL, fills JOIN for it: addresses and name servers in the order of its
// interfaces, and the names in its networks except the first.
void names_update(const struct networks *n, const char *container, struct network_join *join);
// Writes the hosts file and the resolver's configuration of CONTAINER, which runs, after its networks have changed.
// Returns 0 or negative errno.
int names_write(const struct networks *n, const char *container, struct err *e);
