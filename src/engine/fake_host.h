// The host simulated by the fake engine: just large enough for its workloads, which cause most of its load.
#pragma once

#include "engine/engine.h"
#include "sys/proc.h"

extern const struct engine_host fake_simulated;

// See struct engine_ops.
void fake_host(void *self, int64_t *at, struct proc_host *host);
