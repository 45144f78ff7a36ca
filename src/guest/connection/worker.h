// Calls that may hang in libvirt run in worker threads, one for each kind, so that the caller can stop waiting.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "guests.h"

typedef void worker_function(struct guests *g);
// Starts WORK unless a worker of this kind is busy. The caller holds the lock. Returns whether one is busy now.
bool worker_start(struct guests *g, enum worker_kind kind, worker_function *work);
// Joins finished workers and detaches the others. The caller holds the lock.
void workers_abandon(struct guests *g);
// Waits for the worker of this kind to finish, at most until UNTIL (monotonic). The caller holds the lock, which is
// released while waiting. Returns whether the worker has finished.
bool worker_wait(struct guests *g, enum worker_kind kind, int64_t until);
