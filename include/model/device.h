// A disk or network interface of a guest or container (its owner). Its figures are samples under its own id.
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
	// capacity and used space of a disk in bytes; 0: see its figures
	uint64_t size, allocated;
	struct strv used_by; // name of its owner
};
extern const struct fact_binding disk_facts[FACTS], interface_facts[FACTS];
