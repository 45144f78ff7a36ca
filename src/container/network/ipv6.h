// IPv6 of this host, for hostel's own networks.
#pragma once

#include <stdbool.h>

#include "address6.h"

// Whether the kernel has IPv6, and it is not switched off.
bool ipv6_is_available(void);
// The subnet of the network NAME of STORE on this machine, unless another one was asked for.
struct subnet6 ipv6_subnet(const char *store, const char *name);
// Whether S overlaps a subnet of this host's interfaces.
bool ipv6_is_taken(const struct subnet6 *s);
// Lets INTERFACE of this network namespace have addresses that are usable at once, and no others: no router
// advertisements, no detection of duplicates. Failures show when an address is added.
void ipv6_prepare(const char *interface);
// Whether this host forwards IPv6.
bool ipv6_forwards(void);
// Whether it may: it has a default route, and none that comes from router advertisements, which a host that forwards
// no longer accepts.
bool ipv6_may_forward(void);
