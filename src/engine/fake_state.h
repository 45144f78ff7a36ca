// What the files of the fake engine share: fake.c (rows and verbs), fake_state.c (clock and rows) and fake_stream.c
// (what connects to a terminal).
#pragma once

#include <pthread.h>

#include "engine/engine.h"
#include "fake_script.h"


enum { FAKE_JOBS = 3 };

struct fake {
	pthread_mutex_t lock; // over everything below
	pthread_cond_t moved; // something changed, a step was made, or wake()
	struct fake_row **rows;
	size_t count;
	struct params kept; // of items that were made: "KIND/NAME" and what is kept of it
	uint64_t changes; // grows with each
	bool step, hang, fail, quiet, deaf, faults, woken;
	bool listed;  // and what was listed has been handed on
	int64_t steps;
	int64_t past; // the last step, 0 = no last one
	enum item_state job_states[FAKE_JOBS]; // 0 as at first, STATE_STOPPING: removed
	int64_t wall; // added to the clock for wall-clock times
	uint64_t totals[METRICS]; // of the simulated host: what its workloads have used since it was opened
};

// All of these are called with the lock held.
int64_t fake_now(const struct fake *f);
// Waits on the condition until DEADLINE of the monotonic clock, or for ever when it is INT64_MAX.
void fake_wait_until(struct fake *f, int64_t deadline);
// What every call that talks to the "daemon" goes through first.
int fake_reach(struct fake *f, struct err *e);
// NULL with -ENOENT in E when there is none.
struct fake_row *fake_find(const struct fake *f, const char *id, struct err *e);
// Lines of its log, one for each second it ran.
int64_t fake_log_length(const struct fake *f, const struct fake_row *row);

// These take the lock: see struct engine_ops.
int fake_stream(void *self, const char *id, enum stream stream, const struct params *p, struct err *e);
int fake_await_exit(void *self, const char *id, struct err *e);
