// The worst problem of a workload, in one phrase.
#pragma once

#include "base/str.h"
#include "model/fact.h"

// Appends the worst problem of the workload FROM to OUT (may be NULL): "memory at 97% of the limit". Returns its
// severity for sorting: 0 = no problem.
int problem_of(const struct fact_source *from, struct str *out);
// Severity of stale figures from an engine or host that does not answer.
int problem_stale(void);
