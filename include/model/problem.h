// What is wrong with a workload, in one phrase.
#pragma once

#include "base/str.h"
#include "model/fact.h"

// Adds the worst that is wrong with the workload FROM to OUT (may be NULL), as one phrase: "memory 97% of its limit".
// Returns how bad it is, for sorting: 0 = nothing is wrong.
int problem_of(const struct fact_source *from, struct str *out);
// How bad it is when figures are old because nothing answers.
int problem_stale(void);
