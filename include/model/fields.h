// Copying, comparing and JSON of a struct that the facts of its kind are bound to.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "base/err.h"
#include "model/fact.h"

// Which names facts have in JSON.
enum naming {
	NAMES_NOW,
	NAMES_WIRE_1, // those of version 1 of the wire
};

// BINDINGS has a row for each fact. ITEM and the others point to the struct that they describe.
// ITEM is zeroed: makes its whole numbers missing.
void fields_init(void *item, const struct fact_binding *bindings);
void fields_done(void *item, const struct fact_binding *bindings);
void fields_copy(void *to, const void *from, const struct fact_binding *bindings); // TO must be zeroed or done
bool fields_equal(const void *one, const void *other, const struct fact_binding *bindings);
// Cuts texts and lists that are longer than their bindings say, except the id.
void fields_bound(void *item, const struct fact_binding *bindings);
// The bytes of ITEM's texts.
size_t fields_bytes(const void *item, const struct fact_binding *bindings);
// A new reference; missing fields are left out (but version 1 of the wire has all whole numbers).
json_t *fields_to_json(const void *item, const struct fact_binding *bindings, enum naming naming);
// Fills ITEM (zeroed) from OBJECT; unknown keys are ignored. Returns 0, or -EINVAL naming the field.
int fields_from_json(void *item, const struct fact_binding *bindings, const json_t *object, enum naming naming,
                     struct err *e);
