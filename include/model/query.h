// The filter language: words, !not, ~fuzzy, key:text, number comparisons. Parsed once, matched often.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "model/sample.h"
#include "model/kind.h"

struct query;

// Parses TEXT, terms that must all match:
//   web           name, image or address contains "web", ignoring case
//   !web ~wb1     does not contain it; the name has these letters in this order
//   state:running kind:guest image:deb label:app=web (label:app: any value): any fact that is text
//   cpu>50 memory>1G net>1M pids>10 age<1h cpus>=2: any numeric fact except dates; missing never matches
// Returns 0, or -EINVAL naming the term and the valid ones. An empty text matches everything.
int query_new(struct query **q, const char *text, struct err *e);
void query_free(struct query *q);
// The INDEX-th prefix of terms ("state:", "cpu>") for completion, or NULL after the last. Owned by the caller.
char *query_key(size_t index);
// Whether a term selects KIND.
bool query_asks_for(const struct query *q, enum kind kind);
// The kinds, a bit each, of workloads that can match; all if the terms exclude each other.
unsigned query_kinds(const struct query *q);
// Adds the facts that its terms look at.
void query_add_facts(const struct query *q, struct fact_set *facts);
bool query_matches(const struct query *q, const struct fact_source *from);
