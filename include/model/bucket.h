// A bucket: a kind of the fake engine only, an example for new kinds and for tests.
#pragma once

#include "model/item.h"

struct bucket {
	union {
		struct item item;
		struct { ITEM_FIELDS };
	};
	uint64_t size; // bytes that it holds
};

#define BUCKET_FACTS ITEM_FACTS, [FACT_SIZE] = {.type = FIELD_BYTES, .at = offsetof(struct bucket, size)}
#define BUCKET_RECIPE                                                                                      \
	{.name = PARAM_NAME, .letter = 'n', .label = "Name", .type = VALUE_NAME, .flags = FIELD_REQUIRED,       \
	 .value = "NAME", .help = "name of the bucket"},                                                        \
	{.name = PARAM_POOL, .label = "Pool", .type = VALUE_TEXT, .value = "POOL", .help = "where it is kept"}
