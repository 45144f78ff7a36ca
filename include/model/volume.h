// A volume: a directory of the container store that outlives the containers that mount it.
#pragma once

#include "model/item.h"

struct volume {
	union {
		struct item item;
		struct { ITEM_FIELDS };
	};
	char *source;        // its directory
	struct strv labels;
	struct strv used_by; // names of containers
	bool anonymous;      // made for one container, without a name of its own
};
extern const struct fact_binding volume_facts[FACTS];
