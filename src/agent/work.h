// Starting the process of a job: it creates what was asked for, and outlives this one.
#pragma once

#include "engine/registry.h"
#include "model/param.h"

// Starts the creation of a KIND from P by a process of its own with an engine like ENGINE; WHERE is that of the jobs'
// directory. Returns the descriptor from which its lines come (wire/wire.h: job) until it has ended, or negative
// errno.
int work_start(const struct engine *engine, const char *where, enum kind kind, const struct params *p, struct err *e);
