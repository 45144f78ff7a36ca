// Work that may hang in libvirt, each kind in a thread of its own, so that the caller can stop waiting for it.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "guests.h"

typedef void worker_function(struct guests *g);
// Starts WORK unless a worker of this kind is busy. The lock is held. Returns whether one is busy now.
bool worker_start(struct guests *g, enum worker_kind kind, worker_function *work);
// Joins those that ended and detaches the others. The lock is held.
void workers_abandon(struct guests *g);
// Waits until the worker of this kind has ended, until UNTIL (monotonic). The lock is held, and released meanwhile.
// Returns whether it ended.
bool worker_wait(struct guests *g, enum worker_kind kind, int64_t until);
