// IPv6 subnets and addresses. A container's address is derived from the container's IPv4 address, so it is as
// unique. Pure.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "model/address.h"

struct address6 {
	unsigned char bytes[16]; // zeros = none
};
struct subnet6 {
	struct address6 base;
	unsigned prefix; // length, 8…64; 0 = none
};

int address6_parse(const char *text, struct address6 *a); // returns 0 or -EINVAL
char *address6_text(const struct address6 *a);            // owned
bool address6_is_none(const struct address6 *a);
bool address6_equal(const struct address6 *a, const struct address6 *b);

int subnet6_parse(const char *text, struct subnet6 *s, struct err *e); // "fd00:1::/64"; returns 0 or -EINVAL
char *subnet6_text(const struct subnet6 *s);            // owned
bool subnet6_overlaps(const struct subnet6 *a, const struct subnet6 *b);
// A /64 of unique local addresses (RFC 4193), by a hash of TEXT instead of at random: equal texts give equal subnets.
struct subnet6 subnet6_of(const char *text);
// The host's address in S, the first one.
struct address6 subnet6_gateway(const struct subnet6 *s);
// Whether A can be a container's address: it is in S, and neither the host's nor the router anycast address.
bool subnet6_has(const struct subnet6 *s, const struct address6 *a);
// The address in S that corresponds to ADDRESS of the IPv4 subnet V4; TRY (from 0) selects further candidates.
struct address6 subnet6_address(const struct subnet6 *s, const struct subnet *v4, uint32_t address, uint32_t try);
