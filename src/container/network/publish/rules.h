// The nftables rules of hostel's networks, as the input of `nft -f`: one table that is replaced as a whole. Pure.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"
#include "model/address6.h"
#include "model/ports.h"

struct rules_network {
	const char *bridge;
	struct subnet subnet;
	bool isolated; // no traffic to or from outside
	bool shared;   // libvirt's: its own rules say what passes
	bool publishes; // a container on it publishes ports
	struct subnet6 subnet6; // prefix 0: none
	bool publishes6; // some of these ports are translated for IPv6, too
};
struct rules_port {
	struct port port;
	uint32_t to;         // the container's address
	struct address6 to6; // the same; zeros: IPv6 is not translated
};

bool rules_port_is_of(const struct rules_port *p, bool ipv6); // whether it is translated for that family
bool rules_network_publishes(const struct rules_network *n, bool ipv6);
bool rules_network_leads_outside(const struct rules_network *n, bool ipv6); // to be forwarded by hostel's rules
bool rules_network_has_servers(const struct rules_network *n, bool ipv6);   // of hostel's, on its bridge

// The text that replaces TABLE (inet); without networks it only deletes it. Owned.
char *rules_text(const char *table, const struct rules_network *networks, size_t network_count,
                 const struct rules_port *ports, size_t port_count);
