// Rows: the latest state and figures of each workload or other item, and their history.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/ring.h"
#include "model/sample.h"
#include "model/workload.h"

struct str;

enum { ROWS_REMEMBERED = 4000 }; // how many rows keep a full history (25 KiB each)

enum series { SERIES_CPU, SERIES_MEMORY, SERIES_RX, SERIES_TX, SERIES_READ, SERIES_WRITE, SERIES_COUNT };

struct machine;

struct row {
	struct machine *machine; // that it is on
	struct workload w;    // for an item of another kind: the members common to all items
	struct item *other;   // that item, NULL: a workload
	struct sample sample; // the newest of each figure
	int64_t at[METRICS];  // when it was measured, monotonic clock of the machine
	struct rates rates;   // between the newest two
	int64_t heard;        // when the newest arrived, monotonic clock here, 0 = never
	// History: CPU and memory of every workload that ever ran; the other series only of rows that were viewed, so
	// that a thousand workloads do not take a hundred megabytes.
	struct ring *rings[SERIES_COUNT];
	bool watched, remembered; // viewed: keeps all series
	int problem; // severity of its problem (model/problem.h) at the last check
	int told;    // the worst severity that alerts have reported since it last had no problem
	bool head; // not an item: the heading of a group, owned by the list
};

// Sorted by id.
struct rows {
	struct row **items;
	size_t count, room;
	size_t kinds[KINDS]; // how many of each
	size_t remembered;   // that have a history
	size_t problems;     // with a problem at the last check
	bool problems_due;   // something has changed since
};

void rows_done(struct rows *rows);
// The row of ID, or NULL. Valid until it is removed.
struct row *rows_find(const struct rows *rows, const char *id);
// Adds or updates the row of W on MACHINE, with a copy of it; the same for an item of another kind.
struct row *rows_put(struct rows *rows, struct machine *machine, const struct workload *w);
struct row *rows_put_other(struct rows *rows, struct machine *machine, const struct item *item);
// The item of the row.
const struct item *row_item(const struct row *row);
void rows_remove(struct rows *rows, const char *id);
// Adds a sample for ID that arrived at NOW (monotonic, here). Ignores unknown ids.
void rows_sample(struct rows *rows, const char *id, const struct sample *sample, int64_t now);
// Keeps all series of ROW from now on.
void row_watch(struct row *row);
// The newest COUNT points of a series, NAN where there are none.
void row_history(const struct row *row, enum series series, enum ring_tier tier, double *out, size_t count);

// The problem of ROW, like problem_of(); stale figures are a problem, too.
int row_problem(const struct row *row, struct str *out);
// Checks all ROWS if that is due, and counts those with a problem. Returns whether one has another problem than
// before.
bool rows_find_problems(struct rows *rows);
bool row_runs(const struct row *row);
// Used memory and its limit in bytes; NAN: unknown or no limit.
double row_memory(const struct row *row);
double row_memory_limit(const struct row *row);
// Time in its present state, ns; -1 = unknown.
int64_t row_age(const struct row *row, int64_t now);
