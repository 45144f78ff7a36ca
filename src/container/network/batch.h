// Containers that join or leave networks at the same time: one of them publishes the rules and names of all, since
// publishing takes longer than everything else, and longer the more containers there are.
#pragma once

#include "base/err.h"
#include "container/network/record/state.h"

// Announces this process and locks N, which is open for reading. Returns a descriptor (owned) or negative errno.
int batch_begin(struct networks *n, struct err *e);
// To be called when this process has written or removed its endpoints: unlocks N, waits briefly for other announced
// processes, and locks N again. Returns 1 if this process has to publish, 0 if another one has done so, or negative
// errno.
int batch_end(int batch, struct networks *n, struct err *e);
