// Beside the lines, between an agent and a client of one process: what is long is handed over as it is. The line that
// says the request's end comes after it. Any thread may hand over and take.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "model/inventory.h"
#include "model/sample.h"

// One thing: a list, samples, or a document.
struct handed {
	struct handed *next;
	char *engine;            // that LIST is of: all of what was asked for
	struct inventory *list;  // or NULL
	struct sample_set samples;
	int64_t request;         // that TEXT answers, 0 = none
	struct str text;
};

struct handover;

struct handover *handover_new(void);
// With what was not taken out. NULL is ignored.
void handover_free(struct handover *h);
// Takes the contents of THING, which is zeroed.
void handover_put(struct handover *h, struct handed *thing);
// The oldest, to be freed by handed_free(), or NULL.
struct handed *handover_take(struct handover *h);
void handed_free(struct handed *thing);
