// The filter language: words, !not, ~fuzzy, key:text, number comparisons. Parsed once, matched often.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "model/sample.h"
#include "model/kind.h"

struct query;

// Parses TEXT: terms that must all match.
//   web           name, image or address contains it, ignoring case
//   !web ~wb1     does not; the name has these letters in this order
//   state:running kind:guest image:deb label:app=web (label:app: has it): any fact that is words
//   cpu>50 memory>1G net>1M pids>10 age<1h cpus>=2: any fact that is a number, but dates; missing never matches
// Returns 0, or -EINVAL naming the term and what there is. An empty text matches everything.
int query_new(struct query **q, const char *text, struct err *e);
void query_free(struct query *q);
// What terms can begin with ("state:", "cpu>"), NULL behind the last: for completion. Owned by the caller.
char *query_key(size_t index);
// Whether a term names KIND.
bool query_asks_for(const struct query *q, enum kind kind);
// The kinds, a bit each, of which a workload may match; all where the terms exclude each other.
unsigned query_kinds(const struct query *q);
bool query_matches(const struct query *q, const struct fact_source *from);
