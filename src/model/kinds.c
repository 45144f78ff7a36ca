// The structs of the kinds: see model/kind.h.
#include "model/verb.h"
#include "verb_tables.h"

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
