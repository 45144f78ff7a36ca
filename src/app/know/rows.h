// What the dashboard knows of each workload, or of each other item: its last state, its last figures, and their
// history.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/ring.h"
#include "model/sample.h"
#include "model/workload.h"

struct str;

enum { ROWS_REMEMBERED = 4000 }; // of so many rows a history is kept (25 KiB each) without being looked at

enum series { SERIES_CPU, SERIES_MEMORY, SERIES_RX, SERIES_TX, SERIES_READ, SERIES_WRITE, SERIES_COUNT };

struct machine;

struct row {
	struct machine *machine; // that it is on
	struct workload w;    // of an item of another kind: what all items have
	struct item *other;   // that item, NULL: a workload
	struct sample sample; // the newest of each figure
	int64_t at[METRICS];  // when it was measured, monotonic there
	struct rates rates;   // between the newest two
	int64_t heard;        // monotonic time here of the newest, 0 = none
	// History. CPU and memory of every workload that ever ran; the other series only of one that was looked at: a
	// thousand workloads must not cost a hundred megabytes.
	struct ring *rings[SERIES_COUNT];
	bool watched, remembered; // looked at; counted among those with a history
	int problem; // how bad what is wrong with it is (model/problem.h), when it was looked at last
	int told;    // the worst that alerts have told of it since nothing was wrong
	bool head; // no item: the heading of a group in the list, which owns it
};

// Sorted by id.
struct rows {
	struct row **items;
	size_t count, room;
	size_t kinds[KINDS]; // how many of each
	size_t remembered;   // that have a history
	size_t problems;     // that had a problem when they were looked at last
};

void rows_done(struct rows *rows);
// The row of ID, or NULL. Valid until it is removed.
struct row *rows_find(const struct rows *rows, const char *id);
// Takes a copy of W, which is on MACHINE, in, new or changed; or of an item of another kind.
struct row *rows_put(struct rows *rows, struct machine *machine, const struct workload *w);
struct row *rows_put_other(struct rows *rows, struct machine *machine, const struct item *item);
// What the row is about.
const struct item *row_item(const struct row *row);
void rows_remove(struct rows *rows, const char *id);
// A sample came in for ID at NOW (monotonic, here). Unknown ids are ignored.
void rows_sample(struct rows *rows, const char *id, const struct sample *sample, int64_t now);
// Keeps all series of ROW from now on.
void row_watch(struct row *row);
// The newest COUNT points of a series, NAN where there are none.
void row_history(const struct row *row, enum series series, enum ring_tier tier, double *out, size_t count);

// What is wrong with ROW, as problem_of(): old figures are a problem, too.
int row_problem(const struct row *row, struct str *out);
// Looks at all ROWS, and counts those with a problem.
void rows_find_problems(struct rows *rows);
bool row_runs(const struct row *row);
// Memory in use and its limit in bytes; NAN when unknown or without limit.
double row_memory(const struct row *row);
double row_memory_limit(const struct row *row);
// How long it has been in its present state, ns; -1 = unknown.
int64_t row_age(const struct row *row, int64_t now);
