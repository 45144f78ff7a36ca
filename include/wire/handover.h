// A queue that passes long data from an agent to a client in the same process without encoding it as lines. The
// line that ends a request is sent after its data. Thread-safe.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "model/inventory.h"
#include "model/sample.h"

// One entry: a list, samples, or a document.
struct handed {
	struct handed *next;
	char *engine;            // the engine of LIST, which is complete
	struct inventory *list;  // or NULL
	struct sample_set samples;
	int64_t request;         // the request that TEXT answers, 0 = none
	struct str text;
};

struct handover;

struct handover *handover_new(void);
// Also frees the remaining entries. NULL is ignored.
void handover_free(struct handover *h);
// Appends an entry: takes ownership of the contents of THING and zeroes it.
void handover_put(struct handover *h, struct handed *thing);
// Removes and returns the oldest entry, to be freed with handed_free(), or NULL.
struct handed *handover_take(struct handover *h);
void handed_free(struct handed *thing);
