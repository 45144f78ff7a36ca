// The nftables rules that bind each container on a bridge to its MAC and IP address, as the input of `nft -f`: one
// table of the family bridge, replaced as a whole. Pure.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "model/address6.h"

struct source {
	const char *link; // the container's interface on the host
	const unsigned char *mac;
	uint32_t address;
	struct address6 address6; // zeros: none
};

// The text that replaces TABLE (bridge): the containers' interfaces, which are in GROUP, pass only packets with the
// addresses of LIST. With an empty LIST it only deletes the table. Owned.
char *sources_text(const char *table, uint32_t group, const struct source *list, size_t count);
