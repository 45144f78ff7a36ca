// Bindings of the facts of volumes: see model/volume.h.
#include "model/volume.h"

#include <math.h>

static double allocated(const struct fact_source *from)
{
	const struct volume *v = (const struct volume *)from->item;

	if (v->size) // listed with its size
		return (double)v->allocated;
	return from->sample && sample_has(from->sample, METRIC_ALLOCATED) ? sample_plain(from->sample, METRIC_ALLOCATED)
	                                                                  : (double)NAN;
}

#define AT(FIELD) offsetof(struct volume, FIELD)
const struct fact_binding volume_facts[FACTS] = {
	ITEM_FACTS,
	[FACT_SOURCE] = {.type = FIELD_TEXT, .at = AT(source), .most = 4096},
	[FACT_LABELS] = {.type = FIELD_LIST, .at = AT(labels), .most = 512},
	[FACT_USED_BY] = {.type = FIELD_LIST, .at = AT(used_by), .most = 255},
	[FACT_ANONYMOUS] = {.type = FIELD_BOOL, .at = AT(anonymous)},
	[FACT_FORMAT] = {.type = FIELD_TEXT, .at = AT(format), .most = 64},
	[FACT_SIZE] = {.type = FIELD_BYTES, .at = AT(size)},
	[FACT_ALLOCATED] = {.type = FIELD_BYTES, .at = AT(allocated), .metric = METRIC_ALLOCATED, .number = allocated},
};
