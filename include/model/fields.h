// Copies, compares and serializes structs by the bindings of their facts.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "base/err.h"
#include "model/fact.h"

// Names of facts in JSON.
enum naming {
	NAMES_NOW,
	NAMES_WIRE_1, // those of version 1 of the wire
};

// BINDINGS has a row for each fact and describes the struct that ITEM, FROM and TO point to.
// Sets the integers of a zeroed ITEM to missing.
void fields_init(void *item, const struct fact_binding *bindings);
void fields_done(void *item, const struct fact_binding *bindings);
void fields_copy(void *to, const void *from, const struct fact_binding *bindings); // TO must be zeroed
bool fields_equal(const void *one, const void *other, const struct fact_binding *bindings);
// Cuts texts and lists to the limits of their bindings, except the id.
void fields_bound(void *item, const struct fact_binding *bindings);
// Total bytes of ITEM's texts.
size_t fields_bytes(const void *item, const struct fact_binding *bindings);
// A new reference; missing fields are left out (but version 1 of the wire has all whole numbers), and those that are
// not in ONLY (NULL: all).
json_t *fields_to_json(const void *item, const struct fact_binding *bindings, const struct fact_set *only,
                       enum naming naming);
// Fills ITEM (zeroed) from OBJECT; unknown keys are ignored. Returns 0, or -EINVAL naming the field.
int fields_from_json(void *item, const struct fact_binding *bindings, const json_t *object, enum naming naming,
                     struct err *e);
