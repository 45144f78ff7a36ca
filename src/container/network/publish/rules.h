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
};
struct rules_port {
	struct port port;
	uint32_t to; // the container's address
};

bool rules_network_publishes(const struct rules_network *n);
bool rules_network_leads_outside(const struct rules_network *n); // to be forwarded by hostel's rules
bool rules_network_has_servers(const struct rules_network *n);   // of hostel's, on its bridge

// The text that replaces TABLE (inet); without networks it only deletes it. Owned.
char *rules_text(const char *table, const struct rules_network *networks, size_t network_count,
                 const struct rules_port *ports, size_t port_count);
