// Access to a container's monitor from other processes: its state, and signals.
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/clock.h"
#include "base/err.h"
#include "view.h"

#define END_GRACE (10 * SECOND) // for killed processes, and for the monitor, to exit

// Waits up to TIMEOUT ns until the monitor has recorded the container's exit; returns early if the monitor is stopped.
// Returns whether it has.
bool view_wait_for_end(const struct view *v, int64_t timeout);
// The pid of its monitor if that is stopped by a signal (SIGSTOP), else 0.
pid_t view_monitor_stopped(const struct view *v);
// Returns -EBUSY with the remedy if its monitor is stopped, else 0.
int view_refuse_stopped(const struct view *v, struct err *e);
// Sends SIGNAL to the monitor. Returns 0 or -ESRCH.
int view_signal_monitor(const struct view *v, int signal);
// Kills the monitor, even if it is stopped, and waits for its exit. Returns 0, -ESRCH or -ETIMEDOUT.
int view_kill_monitor(const struct view *v);
