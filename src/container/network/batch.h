// Containers that join networks at the same time: one of them publishes the rules and names of all, since that takes
// longer than everything else, and the longer the more there are.
#pragma once

#include "base/err.h"
#include "state.h"

// Announces this process and locks N, which is open for reading. Returns a descriptor (owned) or negative errno.
int batch_begin(struct networks *n, struct err *e);
// After the endpoints of this process were written: unlocks N, waits for others that were announced, but not long, and
// locks N again. Returns 1 if this process has to publish, 0 if another one has, or negative errno.
int batch_end(int batch, struct networks *n, struct err *e);
