// The IPv6 address of a container on one of libvirt's networks. Pure.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "model/address.h"

struct choice6 {
	const char *network;
	const char *subnet6; // "fd00:122::/64"; NULL, or one that is too small: the network has no IPv6 for containers
	const char *wish;    // the address that was asked for, or NULL
	const struct subnet *subnet; // of IPv4
	uint32_t address;            // the container's in it
	const struct strv *used;     // addresses; those that are not IPv6 are skipped
};
// Chooses an address that is not in use. Returns 0 with *ADDRESS owned, or NULL if the network has no IPv6; -EINVAL or
// -EADDRINUSE if it cannot have the address in WISH.
int reservation6_choose(const struct choice6 *c, char **address, struct err *e);
// Whether both texts are the same IPv6 address; B may be NULL.
bool reservation6_equal(const char *a, const char *b);
