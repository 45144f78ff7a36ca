// A network that guests and containers are attached to: a libvirt network or a bridge of the host.
#pragma once

#include "model/item.h"

struct network {
	union {
		struct item item;
		struct { ITEM_FIELDS };
	};
	char *bridge;        // its bridge on the host
	char *addresses;     // addresses of the host on it, with prefix length, comma-separated
	struct strv leases;  // "52:54:00:12:34:56 192.168.122.10 web"
	struct strv used_by; // names of attached workloads
	bool autostart;
	bool persistent;
};
extern const struct fact_binding network_facts[FACTS];
