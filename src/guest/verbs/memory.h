// Sets a guest's memory, now and for its next start.
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "guest/connection/call.h"
#include "model/job.h"

// Sets the guest's memory in its definition and, if possible, while it runs. Adds a note to JOB if it takes effect
// only at the next start, or if anything else changes. Returns 0 or negative errno.
int guest_set_memory(struct call *c, uint64_t bytes, const struct job *job, struct err *e);
