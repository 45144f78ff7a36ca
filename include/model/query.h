// The filter language: words, !not, ~fuzzy, key:text, number comparisons. Parsed once, matched often.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "model/sample.h"
#include "model/workload.h"

struct query;

// Parses TEXT: terms that must all match.
//   web           name, image or address contains it (without case)      !web  does not      ~wb1  letters in this order
//   state:running kind:guest host:lab image:deb engine:bunk name:w id:x label:app=web (label:app: has it)
//   cpu>50 mem>1G net>1M io>100k pids>10 age<1h cpus>=2     (cpu in percent of a core; missing never matches)
// Returns 0, or -EINVAL naming the term and what there is. An empty text matches everything.
int query_new(struct query **q, const char *text, struct err *e);
void query_free(struct query *q);
// What terms can begin with ("state:", "cpu>"), NULL behind the last: for completion.
const char *query_key(size_t index);
// Whether a term names KIND.
bool query_asks_for(const struct query *q, enum workload_kind kind);
// R may be NULL (no figures yet). NOW is wall-clock ns, for ages.
bool query_matches(const struct query *q, const struct workload *w, const struct rates *r, int64_t now);
