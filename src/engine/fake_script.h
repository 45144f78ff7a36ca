// The scripts of the fake engine: what each simulated workload looks like and does as time goes by. Private to
// src/engine.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "model/sample.h"
#include "model/workload.h"

enum fake_trait {
	FAKE_SLOW = 1,     // everything done to it takes five seconds
	FAKE_STUBBORN = 2, // everything done to it fails
	FAKE_MUTE = 4,     // only CPU and tasks can be measured
	FAKE_CAPPED = 8,   // runs into its CPU limit
	FAKE_STEALS = 16,  // its virtual CPUs wait for real ones
	FAKE_GROWS = 32,   // memory climbs to the limit and starts again
	FAKE_CLOSED = 64,  // a guest without balloon figures
};

struct fake_role {
	const char *name;
	enum kind kind;
	enum item_state state; // at the beginning
	const char *image, *command, *label;
	double cpu, swing, period; // percent of one core, up and down by, in seconds
	uint64_t memory, limit;    // MiB
	double cpus;
	int on, off; // seconds it runs and then does not, over and over; 0 = stays as it is
	int exit_code;
	const char *reason;
	unsigned traits;
	const char *trouble;
};

// One simulated workload. Times are monotonic ns of the engine's clock.
struct fake_row {
	const struct fake_role *role;
	size_t index; // shifts its phase, makes its id
	bool gone;
	bool by_hand; // a user acted: the script of its state no longer counts
	enum item_state state;
	int64_t created, started, finished;
	int64_t run_from; // its figures count from here; moved when it was paused
	int64_t ends;     // a created program ends by itself then, 0 = never
	int exit_code;
	char *name, *image, *command, *reason;
	struct strv labels;
	double cpus;
	uint64_t memory_limit;
	bool autostart;
	int restarts;
	double start_ms;
	struct sample counted; // what the simulated host has counted of it
};

// The INDEX-th row, as it is at NOW.
void fake_row_init(struct fake_row *row, size_t index, int64_t now);
// The same, of the scripts in which something is wrong: the FAULT-th of FAKE_FAULTS.
enum { FAKE_FAULTS = 4 };
void fake_row_init_faulty(struct fake_row *row, size_t index, size_t fault, int64_t now);
// A row without a script; the caller fills the rest.
void fake_row_init_made(struct fake_row *row, enum kind kind, size_t index, int64_t now);
void fake_row_done(struct fake_row *row);

// Lets the script move the state to what it is at NOW.
void fake_row_update(struct fake_row *row, int64_t now);
// When the script moves it next, INT64_MAX = never.
int64_t fake_row_next(const struct fake_row *row, int64_t now);
void fake_row_set_state(struct fake_row *row, enum item_state state, int64_t now);
bool fake_row_runs(const struct fake_row *row); // running, not paused
bool fake_row_exists(const struct fake_row *row); // has processes: running, paused or stopping

enum { FAKE_KEY = 24 };
// The row's part of an id. Returns OUT.
char *fake_row_key(char out[FAKE_KEY], const struct fake_row *row);
// WALL is what must be added to the engine's clock to make wall-clock times.
void fake_row_workload(const struct fake_row *row, struct workload *w, int64_t wall);
void fake_row_sample(const struct fake_row *row, struct sample *s, int64_t now);
// Adds the log lines of the seconds FROM … TO since its start.
void fake_row_log(const struct fake_row *row, struct str *out, int64_t from, int64_t to, int64_t wall,
                  bool timestamps);

// What a simulated program does: its output, its exit status, and how many seconds it takes (-1: until it is stopped).
// true, false, exit N, sleep N, echo WORDS; anything else is not found inside (127) unless SERVICE, which then runs
// for ever.
struct fake_program {
	int status;
	double seconds;
};
struct fake_program fake_program_run(const char *const *words, size_t count, struct str *out, bool service);
