// Shared by the files of the fake engine: fake.c (rows and verbs), fake_state.c (clock and rows) and fake_stream.c
// (terminal output).
#pragma once

#include <pthread.h>

#include "engine/engine.h"
#include "fake_script.h"


enum { FAKE_JOBS = 3 };

struct fake {
	pthread_mutex_t lock; // protects everything below
	pthread_cond_t moved; // a change, a step, or wake()
	struct fake_row **rows;
	size_t count;
	struct params kept; // items created: "KIND/NAME" and their contents
	uint64_t changes; // incremented on each change
	bool dies; // hangs after its first lists and samples
	int reached;
	bool step, hang, fail, stuck, quiet, deaf, faults, woken;
	bool listed;  // the listing includes the current changes
	int64_t steps;
	int64_t past; // the last step, 0 = unlimited
	enum item_state job_states[FAKE_JOBS]; // 0 = initial state, STATE_STOPPING = removed
	int64_t wall; // added to the clock to get wall-clock time
	uint64_t cpu_ns[PROC_CPUS_MAX]; // the part of each CPU in that CPU time
	uint64_t totals[METRICS]; // usage by the simulated host's workloads since the engine was opened
};

// All of these are called with the lock held.
int64_t fake_now(const struct fake *f);
// Waits on the condition until DEADLINE (monotonic); INT64_MAX = without timeout.
void fake_wait_until(struct fake *f, int64_t deadline);
// Simulates reaching the daemon: hangs or fails if the engine was opened so. Returns 0 or negative errno.
int fake_reach(struct fake *f, struct err *e);
// The row, or NULL with -ENOENT in E.
struct fake_row *fake_find(const struct fake *f, const char *id, struct err *e);
// Number of log lines, one per second of run time.
int64_t fake_log_length(const struct fake *f, const struct fake_row *row);

// These take the lock themselves: see struct engine_ops.
int fake_stream(void *self, const char *id, enum stream stream, const struct params *p, struct err *e);
int fake_await_exit(void *self, const char *id, struct err *e);
