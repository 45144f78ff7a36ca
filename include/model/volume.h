// A volume: a directory of the container store that outlives the containers that mount it, or a volume of a libvirt
// storage pool, which can hold a guest's disk.
#pragma once

#include "model/item.h"

struct volume {
	union {
		struct item item;
		struct { ITEM_FIELDS };
	};
	char *source;        // its directory, or its file or device
	char *format;        // of libvirt's: "qcow2", "raw"
	uint64_t size, allocated; // of libvirt's, in bytes; 0: unknown, or see its figures
	struct strv labels;
	struct strv used_by; // names of containers or guests, and of volumes that are based on it
	bool anonymous;      // made for one container, without a name of its own
};
extern const struct fact_binding volume_facts[FACTS];
