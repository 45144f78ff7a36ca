// A network that guests and containers are attached to: one of libvirt's, or a bridge of the host.
#pragma once

#include "model/item.h"

struct network {
	union {
		struct item item;
		struct { ITEM_FIELDS };
	};
	char *bridge;        // its bridge on the host
	char *addresses;     // of the host on it, with the length of the prefix, comma-separated
	struct strv leases;  // "52:54:00:12:34:56 192.168.122.10 web"
	struct strv used_by; // names of what is attached
	bool autostart;
	bool persistent;
};
extern const struct fact_binding network_facts[FACTS];
