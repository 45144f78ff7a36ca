// Bindings of the facts of networks: see model/network.h.
#include "model/network.h"

#define AT(FIELD) offsetof(struct network, FIELD)
const struct fact_binding network_facts[FACTS] = {
	ITEM_FACTS,
	[FACT_BRIDGE] = {.type = FIELD_TEXT, .at = AT(bridge), .most = 64},
	[FACT_ADDRESSES] = {.type = FIELD_TEXT, .at = AT(addresses), .most = 1024},
	[FACT_LEASES] = {.type = FIELD_LIST, .at = AT(leases), .most = 512},
	[FACT_USED_BY] = {.type = FIELD_LIST, .at = AT(used_by), .most = 255},
	[FACT_AUTOSTART] = {.type = FIELD_BOOL, .at = AT(autostart)},
	[FACT_PERSISTENT] = {.type = FIELD_BOOL, .at = AT(persistent)},
};
