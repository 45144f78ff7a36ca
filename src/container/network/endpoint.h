// A container on one of hostel's own networks: its address and interface. Several of them make up its network.
#pragma once

#include "base/err.h"
#include "container/network/record/attachment.h"
#include "container/network/record/state.h"

// Fills P for CONTAINER on O, as A asks for it, with an address that is free; its interface inside is INTERFACE. The
// caller frees P, also after an error. Returns 0, -EINVAL, -EADDRINUSE, -EADDRNOTAVAIL or another negative errno.
int endpoint_choose(const struct networks *n, const struct own_network *o, const char *container,
                    const struct attachment *a, const char *interface, struct endpoint *p, struct err *e);
// Writes P, creates its interface in the network namespace NETNS, and publishes its names. The namespace gets a
// default route if it has none and O leads outside. After an error endpoint_disconnect() undoes what was done. With
// NETNS -1 the interface is left to endpoint_link().
int endpoint_connect(const struct networks *n, const struct own_network *o, const struct endpoint *p, int netns,
                     struct err *e);
// Creates the interface of CONTAINER, which is on O. Returns 0 or negative errno.
int endpoint_link(const struct networks *n, const struct own_network *o, const char *container, int netns,
                  struct err *e);
// Adds a default route through O to the network namespace NETNS, unless it has one or O is isolated.
int endpoint_add_way(const struct own_network *o, int netns, struct err *e);
// Removes CONTAINER from O; returns whether it was on it.
bool endpoint_disconnect(const struct networks *n, const struct own_network *o, const char *container);
// The IPv4 address that the published ports of CONTAINER lead to; 0: none.
uint32_t endpoints_published(const struct networks *n, const char *container);
