// The table of kinds: see model/kind.h.
#include "model/kind.h"

#include <string.h>
#include <strings.h>

#include "base/str.h"

#define WORKLOAD_COLUMNS FACT_NAME, FACT_KIND, FACT_STATE, FACT_CPU, FACT_MEMORY, FACT_HOST_RSS, FACT_UP, FACT_IMAGE

#define KIND(ID, STRUCT, TABLE, RECIPE, ...) [KIND_##ID] = {__VA_ARGS__},
static const struct kind_info kinds[KINDS] = {
#include "model/kind_rows.h"
};
#undef KIND

const struct kind_info *kind_info(enum kind kind)
{
	return &kinds[kind];
}

const char *kind_name(enum kind kind)
{
	return kinds[kind].name;
}

const char *kind_phrase(enum kind kind)
{
	return kinds[kind].phrase;
}

int kind_find(const char *name)
{
	for (int kind = 0; kind < KINDS; kind++)
		if (str_equal(name, kinds[kind].name) || str_equal(name, kinds[kind].alias) ||
		    str_equal(name, kinds[kind].plural))
			return kind;
	return -1;
}

const char *kinds_plural(unsigned set)
{
	for (int kind = 0; kind < KINDS; kind++)
		if (set == 1u << kind)
			return kinds[kind].plural;
	return set && !(set >> WORKLOAD_KINDS) ? "workloads" : "items";
}

static bool begins(const char *name, const char *prefix)
{
	return name && strncasecmp(name, prefix, strlen(prefix)) == 0;
}

unsigned kinds_from(const char *prefix)
{
	unsigned found = 0;

	for (int kind = 0; kind < KINDS; kind++)
		if (begins(kinds[kind].plural, prefix) || begins(kinds[kind].alias, prefix))
			found |= 1u << kind;
	return found;
}

size_t kind_columns(enum kind kind)
{
	size_t count = 1;

	while (count < KIND_COLUMNS_MOST && kinds[kind].columns[count] != FACT_NAME)
		count++;
	return count;
}
