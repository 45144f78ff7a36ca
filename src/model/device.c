// Bindings of the facts of disks and interfaces: see model/device.h.
#include "model/device.h"

#include <math.h>

static double listed_or(uint64_t listed, const struct fact_source *from, enum metric metric)
{
	if (listed)
		return (double)listed;
	return from->sample && sample_has(from->sample, metric) ? sample_plain(from->sample, metric) : (double)NAN;
}

static double size(const struct fact_source *from)
{
	return listed_or(((const struct device *)from->item)->size, from, METRIC_SIZE);
}

static double allocated(const struct fact_source *from)
{
	return listed_or(((const struct device *)from->item)->allocated, from, METRIC_ALLOCATED);
}

#define AT(FIELD) offsetof(struct device, FIELD)
#define DEVICE_FACTS ITEM_FACTS, \
	[FACT_SOURCE] = {.type = FIELD_TEXT, .at = AT(source), .most = 1024}, \
	[FACT_FORMAT] = {.type = FIELD_TEXT, .at = AT(format), .most = 64}, \
	[FACT_USED_BY] = {.type = FIELD_LIST, .at = AT(used_by), .most = 255}

const struct fact_binding disk_facts[FACTS] = {
	DEVICE_FACTS,
	[FACT_SIZE] = {.type = FIELD_BYTES, .at = AT(size), .metric = METRIC_SIZE, .number = size},
	[FACT_ALLOCATED] = {.type = FIELD_BYTES, .at = AT(allocated), .metric = METRIC_ALLOCATED, .number = allocated},
	[FACT_READ] = {.type = FIELD_METRIC, .metric = METRIC_READ},
	[FACT_WRITE] = {.type = FIELD_METRIC, .metric = METRIC_WRITE},
	[FACT_READ_OPS] = {.type = FIELD_METRIC, .metric = METRIC_READ_OPS},
	[FACT_WRITE_OPS] = {.type = FIELD_METRIC, .metric = METRIC_WRITE_OPS},
};

const struct fact_binding interface_facts[FACTS] = {
	DEVICE_FACTS,
	[FACT_MAC] = {.type = FIELD_TEXT, .at = AT(mac), .most = 64},
	[FACT_ADDRESSES] = {.type = FIELD_TEXT, .at = AT(addresses), .most = 1024},
	[FACT_NET_RX] = {.type = FIELD_METRIC, .metric = METRIC_NET_RX},
	[FACT_NET_TX] = {.type = FIELD_METRIC, .metric = METRIC_NET_TX},
};
