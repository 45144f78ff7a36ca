// A disk or a network interface of a guest or container, which is its owner. Its figures come as samples under its own
// id.
#pragma once

#include "model/item.h"

struct device {
	union {
		struct item item;
		struct { ITEM_FIELDS };
	};
	char *source;    // a disk's file, volume or device; an interface's network or bridge
	char *format;    // "qcow2", "raw"; the model of an interface
	char *mac;       // of an interface
	char *addresses; // of an interface, comma-separated
	uint64_t size;   // bytes that a disk shows to its owner; 0: only its figures tell
	struct strv used_by; // the name of its owner
};
extern const struct fact_binding disk_facts[FACTS], interface_facts[FACTS];
