// Bindings of the facts of volumes: see model/volume.h.
#include "model/volume.h"

#define AT(FIELD) offsetof(struct volume, FIELD)
const struct fact_binding volume_facts[FACTS] = {
	ITEM_FACTS,
	[FACT_SOURCE] = {.type = FIELD_TEXT, .at = AT(source), .most = 4096},
	[FACT_LABELS] = {.type = FIELD_LIST, .at = AT(labels), .most = 512},
	[FACT_USED_BY] = {.type = FIELD_LIST, .at = AT(used_by), .most = 255},
	[FACT_ANONYMOUS] = {.type = FIELD_BOOL, .at = AT(anonymous)},
	[FACT_ALLOCATED] = {.type = FIELD_METRIC, .metric = METRIC_ALLOCATED},
};
