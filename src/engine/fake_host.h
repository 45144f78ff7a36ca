// The host that the fake engine simulates: just large enough for its workloads, which do most of what it does.
#pragma once

#include "engine/engine.h"
#include "sys/proc.h"

extern const struct engine_host fake_simulated;

// See struct engine_ops.
void fake_host(void *self, int64_t *at, struct proc_host *host);
