// The structs of the kinds: see model/kind.h.
#include "model/verb.h"
#include "model/param.h"
#include "verb_tables.h"

// Collects the tables that the headers of the kinds declare.
#define TABLE_OF_FACTS(...) (const struct fact_binding[FACTS]){__VA_ARGS__}
#define TABLE_OF_FIELDS(...) (const struct verb_field[]){__VA_ARGS__, {0}}

#define KIND_STRUCTS
#define KIND(...)
#include "model/kind_rows.h"
#undef KIND
#undef KIND_STRUCTS

#define KIND(ID, STRUCT, TABLE, RECIPE, ...) [KIND_##ID] = {sizeof(STRUCT), TABLE, RECIPE},
static const struct {
	size_t size;
	const struct fact_binding *bindings;
	const struct verb_field *recipe;
} structs[KINDS] = {
#include "model/kind_rows.h"
};
#undef KIND

size_t kind_size(enum kind kind)
{
	return structs[kind].size;
}

const struct fact_binding *kind_bindings(enum kind kind)
{
	return structs[kind].bindings;
}

const struct verb_field *kind_recipe(enum kind kind)
{
	return structs[kind].recipe;
}

uint32_t kind_metrics(enum kind kind, enum fact fact)
{
	const struct fact_binding *b = &structs[kind].bindings[fact];

	return b->made_of | (fact_is_measured(b) ? METRIC_BIT(b->metric) : 0);
}
