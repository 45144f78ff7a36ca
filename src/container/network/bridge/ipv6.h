// What hostel's own networks need to know of this host's IPv6.
#pragma once

#include <stdbool.h>

#include "model/address6.h"

// Whether the kernel has IPv6 and it is not disabled.
bool ipv6_is_available(void);
// The default IPv6 subnet of the network NAME of STORE on this machine.
struct subnet6 ipv6_subnet(const char *store, const char *name);
// Whether S overlaps a subnet of this host's interfaces.
bool ipv6_is_taken(const struct subnet6 *s);
// Makes addresses of INTERFACE in this network namespace usable at once (no duplicate address detection), and prevents
// others (no router advertisements). Failures show when an address is added.
void ipv6_prepare(const char *interface);
// Whether this host forwards IPv6.
bool ipv6_forwards(void);
// Whether forwarding may be enabled: the host has a default route, and none from router advertisements, which a
// forwarding host no longer accepts.
bool ipv6_may_forward(void);
