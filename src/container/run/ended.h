// `hostel prune` of containers.
#pragma once

#include "base/err.h"
#include "container/state/containers.h"
#include "model/job.h"
#include "model/param.h"

// Deletes all containers that have ended, or with parameter "dry-run" none; JOB's text becomes their table, empty if
// there are none. Returns 0 or negative errno.
int ended_prune(struct containers *c, const char *name, const struct params *p, const struct job *job, struct err *e);
