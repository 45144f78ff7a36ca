// Kinds of items: one table for the views of the dashboard, the nouns of the command line and the wire.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/fact.h"

#define KIND(ID, ...) KIND_##ID,
enum kind {
#include "model/kind_rows.h"
	KINDS,
	WORKLOAD_KINDS = KIND_GUEST + 1, // the kinds before this are workloads
};
#undef KIND

enum { KIND_BITS_ALL = (1 << KINDS) - 1, KIND_COLUMNS_MOST = 10 };

struct kind_info {
	const char *name;     // in ids, on the wire and on command lines
	const char *phrase;   // the name with its article, for messages
	const char *alias;    // also accepted; may be NULL
	const char *plural;
	const char *title;    // of its view
	const char *origin;   // what it is created from, if it has a recipe
	bool simulated;       // exists only in the fake engine
	int view;             // number key of its view, 0 = no view
	enum fact columns[KIND_COLUMNS_MOST]; // of its list; FACT_NAME comes first, a second FACT_NAME (0) ends them
};
const struct kind_info *kind_info(enum kind kind);
const char *kind_name(enum kind kind);
// "a container", "an image".
const char *kind_phrase(enum kind kind);
// Finds a kind by name, alias or plural. Returns -1 if unknown.
int kind_find(const char *name);
// The plural noun for items of the kinds in SET (a bit each): "networks", "workloads", "items".
const char *kinds_plural(unsigned set);
// The kinds (a bit each) with a name that begins with PREFIX, ignoring case.
unsigned kinds_from(const char *prefix);
static inline bool kind_is_workload(enum kind kind)
{
	return kind < WORKLOAD_KINDS;
}
// The size of its struct, which begins with struct item, and the bindings of its facts, one per fact.
size_t kind_size(enum kind kind);
const struct fact_binding *kind_bindings(enum kind kind);
// The fields of VERB_CREATE, ending with a row without a name. NULL: it cannot be created.
struct verb_field;
const struct verb_field *kind_recipe(enum kind kind);
// The METRIC_BIT()s that FACT needs of an item of KIND.
uint32_t kind_metrics(enum kind kind, enum fact fact);
// How many columns KIND has.
size_t kind_columns(enum kind kind);
