// Bindings of the facts of images: see model/image.h.
#include "model/image.h"

#define AT(FIELD) offsetof(struct image_item, FIELD)
const struct fact_binding image_facts[FACTS] = {
	ITEM_FACTS,
	[FACT_DIGEST] = {.type = FIELD_TEXT, .at = AT(digest), .most = 256},
	[FACT_NAMES] = {.type = FIELD_LIST, .at = AT(names), .most = 512},
	[FACT_SIZE] = {.type = FIELD_BYTES, .at = AT(size)},
	[FACT_LAYERS] = {.type = FIELD_INT, .at = AT(layers)},
	[FACT_PLATFORM] = {.type = FIELD_TEXT, .at = AT(platform), .most = 64},
	[FACT_USED_BY] = {.type = FIELD_LIST, .at = AT(used_by), .most = 255},
};
