// The health check of a running container, in its monitor. A container without a check has no probe.
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/str.h"
#include "container/store/health.h"

enum { PROBE_OUTPUT = 4096 }; // bytes of its output that are kept

struct probe {
	struct health_plan plan;
	struct health_count count;
	int64_t started;   // of the container; monotonic ns, like the others
	int64_t due;       // of the next check
	int64_t deadline;  // of the running check
	pid_t pid;         // of the runtime that runs the check; 0 = none runs
	bool late;         // it was killed because it took too long
	int output;        // the reading end of its output, -1 = none
	struct str text;   // its output so far
};
// What the probe needs of its monitor.
struct probe_call {
	const char *program, *runtime, *name; // of the runtime; of its state; of the container
	int dir;                              // the container's directory
};

// Begins to check a container that has just started. NULL if PLAN, of which it takes ownership, has no command.
struct probe *probe_new(const struct health_plan *plan, int64_t now);
// Kills a running check. P may be NULL.
void probe_free(struct probe *p, const struct probe_call *call);
// Reduces *TIMEOUT (ms, for poll(2)) if needed.
void probe_shorten(const struct probe *p, int64_t now, int *timeout);
// Starts a check that is due, unless PAUSED, and kills one that takes too long.
void probe_serve(struct probe *p, const struct probe_call *call, bool paused, int64_t now);
// Reads the output of the check.
void probe_read(struct probe *p);
// The process PID has ended with STATUS (waitpid(2)). Returns whether it was the check; then it has been counted.
bool probe_ended(struct probe *p, pid_t pid, int status, int64_t now);
