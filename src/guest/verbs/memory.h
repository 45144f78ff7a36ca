// How much memory a guest has, now and at its next start.
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "guest/connection/call.h"
#include "model/job.h"

// Sets the guest's memory in its definition and, where possible, while it runs. JOB notes what waits for the next
// start, and other changes.
int guest_set_memory(struct call *c, uint64_t bytes, const struct job *job, struct err *e);
