// An image of containers: in the container store, or an OCI layout or directory that containers use.
#pragma once

#include "model/item.h"

struct image_item {
	union {
		struct item item;
		struct { ITEM_FIELDS };
	};
	char *digest;        // "sha256:…", of its manifest
	struct strv names;   // all names
	uint64_t size;       // bytes on disk
	int layers;
	char *platform;      // "linux/amd64"
	struct strv used_by; // names of containers
};
extern const struct fact_binding image_facts[FACTS];
