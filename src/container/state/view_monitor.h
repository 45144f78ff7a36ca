// The monitor of a container, seen from outside: whether it lives, and signals for it.
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/clock.h"
#include "base/err.h"
#include "view.h"

#define END_GRACE (10 * SECOND) // that a container has to end, and what was killed to be gone

// Waits until the monitor has written the end down, at most TIMEOUT ns, and no longer for a monitor that is stopped.
// Returns whether it has.
bool view_wait_for_end(const struct view *v, int64_t timeout);
// The pid of its monitor when a signal (SIGSTOP) has stopped that, else 0.
pid_t view_monitor_stopped(const struct view *v);
// -EBUSY with the remedy when its monitor is stopped, else 0.
int view_refuse_stopped(const struct view *v, struct err *e);
// Returns 0 or -ESRCH.
int view_signal_monitor(const struct view *v, int signal);
// Kills the monitor, also a stopped one. Returns 0, -ESRCH or -ETIMEDOUT.
int view_kill_monitor(const struct view *v);
