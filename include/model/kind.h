// Kinds of items: one table from which come the views of the dashboard, the nouns of the command line, and what the
// wire carries.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "model/fact.h"

#define KIND(ID, ...) KIND_##ID,
enum kind {
#include "model/kind_rows.h"
	KINDS,
	WORKLOAD_KINDS = KIND_GUEST + 1, // those up to here run
};
#undef KIND

enum { KIND_COLUMNS_MOST = 10 };

struct kind_info {
	const char *name;     // in ids, on the wire and on command lines
	const char *alias;    // understood, too; may be NULL
	const char *plural;
	const char *title;    // of its view
	const char *origin;   // what one is made from, where it has a recipe
	bool simulated;       // only the fake engine has it
	int view;             // the number of its view, 0 = none of its own
	enum fact columns[KIND_COLUMNS_MOST]; // of a list; the name comes first, and another FACT_NAME (0) ends them
};
const struct kind_info *kind_info(enum kind kind);
const char *kind_name(enum kind kind);
// The kind of NAME: its name, alias or plural; -1 = unknown.
int kind_find(const char *name);
// The kinds (a bit each) of which a name begins with PREFIX, in any case.
unsigned kinds_from(const char *prefix);
static inline bool kind_is_workload(enum kind kind)
{
	return kind < WORKLOAD_KINDS;
}
// Its struct, which begins with struct item: its bytes, and where its facts are in it, a row for each fact.
size_t kind_size(enum kind kind);
const struct fact_binding *kind_bindings(enum kind kind);
// What one is made from, ending with a row without a name: the fields of VERB_CREATE. NULL: none can be created.
struct verb_field;
const struct verb_field *kind_recipe(enum kind kind);
// How many columns KIND has.
size_t kind_columns(enum kind kind);
