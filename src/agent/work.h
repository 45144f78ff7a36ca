// Starts the process of a job that creates a workload and outlives the agent.
#pragma once

#include "engine/registry.h"
#include "model/param.h"

// Starts a process that creates a KIND from P with an engine like ENGINE; WHERE is the directory of the jobs. Returns
// the descriptor to read its lines from (wire/wire.h: job), until end of file when it exits, or negative errno.
int work_start(const struct engine *engine, const char *where, enum kind kind, const struct params *p, struct err *e);
