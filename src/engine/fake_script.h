// The scripts of the fake engine: how each simulated workload looks and behaves over time. Private to src/engine.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "model/sample.h"
#include "model/workload.h"

enum fake_trait {
	FAKE_SLOW = 1,     // every verb takes five seconds
	FAKE_STUBBORN = 2, // every verb fails
	FAKE_MUTE = 4,     // only CPU and tasks are measured
	FAKE_CAPPED = 8,   // hits its CPU limit
	FAKE_STEALS = 16,  // its virtual CPUs have steal time
	FAKE_GROWS = 32,   // memory grows to the limit, then starts over
	FAKE_CLOSED = 64,  // a guest without balloon statistics
};

struct fake_role {
	const char *name;
	enum kind kind;
	enum item_state state; // initial state
	const char *image, *command, *label;
	double cpu, swing, period; // percent of one core, amplitude, seconds
	uint64_t memory, limit;    // MiB
	double cpus;
	int on, off; // seconds running and stopped, in turn; 0 = state does not change
	int exit_code;
	const char *reason;
	unsigned traits;
	const char *trouble, *graphics;
	const char *ports; // published, separated by blanks
};

// A simulated workload. Times are monotonic ns of the engine's clock.
struct fake_row {
	const struct fake_role *role;
	size_t index; // determines its phase and its id
	bool gone;
	bool by_hand; // a user changed its state, so the script no longer applies
	enum item_state state;
	int64_t created, started, finished;
	int64_t run_from; // counters start here; adjusted after pauses
	int64_t ends;     // when the command of a created workload exits, 0 = never
	int exit_code;
	char *name, *image, *command, *reason;
	struct strv labels;
	double cpus;
	uint64_t memory_limit;
	bool autostart;
	int restarts;
	double start_ms;
	struct sample counted; // usage already added to the simulated host's totals
};

// Initializes the row with this INDEX as of NOW.
void fake_row_init(struct fake_row *row, size_t index, int64_t now);
// The same for the scripts with a fault: the FAULT-th of FAKE_FAULTS.
enum { FAKE_FAULTS = 4 };
void fake_row_init_faulty(struct fake_row *row, size_t index, size_t fault, int64_t now);
// A row without a script; the caller fills in the rest.
void fake_row_init_made(struct fake_row *row, enum kind kind, size_t index, int64_t now);
void fake_row_done(struct fake_row *row);

// Applies the script's state changes up to NOW.
void fake_row_update(struct fake_row *row, int64_t now);
// When the script next changes its state, INT64_MAX = never.
int64_t fake_row_next(const struct fake_row *row, int64_t now);
void fake_row_set_state(struct fake_row *row, enum item_state state, int64_t now);
bool fake_row_runs(const struct fake_row *row); // running and not paused
// Whether it has disks, interfaces and networks: large numbers of workloads are for benchmarks.
bool fake_row_is_detailed(const struct fake_row *row);
bool fake_row_exists(const struct fake_row *row); // has processes: running, paused or stopping

enum { FAKE_KEY = 24 };
// The row's part of its id. Returns OUT.
char *fake_row_key(char out[FAKE_KEY], const struct fake_row *row);
// WALL is added to the engine's clock to get wall-clock time.
void fake_row_workload(const struct fake_row *row, struct workload *w, int64_t wall);
void fake_row_sample(const struct fake_row *row, struct sample *s, int64_t now);
// Adds the log lines of seconds FROM … TO after its start.
void fake_row_log(const struct fake_row *row, struct str *out, int64_t from, int64_t to, int64_t wall,
                  bool timestamps);

// Simulates a program: its output, exit status and run time in seconds (-1: until stopped). Supports true, false, exit
// N, sleep N and echo WORDS; anything else is not found (127) unless SERVICE, in which case it runs forever.
struct fake_program {
	int status;
	double seconds;
};
struct fake_program fake_program_run(const char *const *words, size_t count, struct str *out, bool service);
