// Facts: everything that is known of an item, under one spelling. A row of the table is at once a column of the list
// and of `hostel ls` and `hostel stats`, a field of --format, a key of filters and of JSON, and a key to sort by.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "model/sample.h"

struct item;

// In the order of columns: one before FACT_COLUMNS is a column, if a workload has it.
enum fact {
	FACT_NAME,
	FACT_HOST,
	FACT_KIND,
	FACT_STATE,
	FACT_CPU,
	FACT_CPU_HISTORY,
	FACT_MEMORY,
	FACT_HOST_RSS,
	FACT_NET_RX,
	FACT_NET_TX,
	FACT_READ,
	FACT_WRITE,
	FACT_PIDS,
	FACT_START_MS,
	FACT_ISOLATION,
	FACT_PROBLEM,
	FACT_RESTARTS,
	FACT_LAST_EXIT,
	FACT_OOM_KILLS,
	FACT_THROTTLED,
	FACT_STEAL,
	FACT_CACHE,
	FACT_SWAP,
	FACT_IMAGE,
	FACT_ADDRESSES,
	FACT_LABELS,
	FACT_COMMAND,
	FACT_ENGINE,
	FACT_PID,
	FACT_CREATED,
	FACT_UP,
	FACT_COLUMNS, // those below are not columns of workloads
	FACT_ID = FACT_COLUMNS,
	FACT_STARTED,
	FACT_FINISHED,
	FACT_EXIT_CODE,
	FACT_REASON,
	FACT_LAST_FINISHED,
	FACT_LAST_EXIT_CODE,
	FACT_LAST_REASON,
	FACT_CPUS,
	FACT_MEMORY_LIMIT,
	FACT_PIDS_LIMIT,
	FACT_AUTOSTART,
	FACT_PERSISTENT,
	FACT_ACTIVE,
	FACT_SIMULATED,
	FACT_TROUBLE,
	FACT_AGE,
	FACT_NET,
	FACT_IO,
	FACT_READ_OPS,
	FACT_WRITE_OPS,
	FACT_PSI_CPU,
	FACT_PSI_MEMORY,
	FACT_PSI_IO,
	FACT_DIGEST,
	FACT_NAMES,
	FACT_SIZE,
	FACT_ALLOCATED,
	FACT_LAYERS,
	FACT_PLATFORM,
	FACT_USED_BY,
	FACT_BRIDGE,
	FACT_LEASES,
	FACT_SOURCE,
	FACT_FORMAT,
	FACT_MAC,
	FACT_WHAT,
	FACT_PHASE,
	FACT_PROGRESS,
	FACT_DONE,
	FACT_TOTAL,
	FACT_SPEED,
	FACT_LEFT,
	FACT_USER,
	FACT_OWNER,
	FACT_TREE,
	FACT_USES,
	FACTS,
};

enum fact_type {
	FACT_TEXT,
	FACT_LIST,     // of texts
	FACT_WORD,     // one of a few: a kind, a state
	FACT_FLAG,     // yes or no
	FACT_TIME,     // wall-clock ns
	FACT_DURATION, // ns
	FACT_COUNT,
	FACT_NUMBER,
	FACT_PERCENT,
	FACT_BYTES,
	FACT_RATE,     // bytes per second
	FACT_STEPS,    // strength of isolation, 0 … 5
	FACT_GRAPH,    // of a series: can be looked at only
};

enum fact_flag {
	FACT_LIVE = 1,       // changes while nothing happens
	FACT_DESCENDING = 2, // sorted from high to low at first
	FACT_HIDDEN = 4,     // not a column unless chosen
	FACT_UNSORTED = 8,   // has no order
	FACT_RUNNING = 16,   // says nothing of a workload that does not run
};

struct fact_info {
	const char *name;    // the spelling
	const char *before;  // what version 1 of the wire calls it, NULL = the same
	const char *alias;   // another name that is understood; may be NULL
	const char *title;   // heading of its column
	const char *help;    // one line
	enum fact_type type;
	unsigned flags;
	int width, widest;   // of its column: least, and most where there is room (0: does not grow)
	int priority;        // 0 is always shown; with too little room the highest goes first
};
const struct fact_info *fact_info(enum fact fact);
// The fact of NAME (N bytes), which may be an older name or an alias, ignoring case; -1 = unknown.
int fact_find(const char *name, size_t n);
// Its name on the wire of version 1.
const char *fact_old_name(enum fact fact);
// Adds the names of the facts before END (FACT_COLUMNS, FACTS) that have none of the flags WITHOUT, separated by ", ".
void fact_add_names(struct str *out, enum fact end, unsigned without);
bool fact_is_number(enum fact fact);
// A number below this is missing: an exit status of -1, a pid of 0.
int fact_least(enum fact fact);

// Where the facts of one item come from.
struct fact_source {
	const struct item *item;
	const struct sample *sample; // NULL: no figures
	const struct rates *rates;   // NULL: counters are totals, CPU is that of the whole life
	int64_t now;                 // wall-clock ns
};

// How the facts of a kind of item are found in its struct. A row each, by fact.
enum field_type {
	FIELD_NONE,    // it has no such fact
	FIELD_TEXT,    // char *, owned
	FIELD_LIST,    // struct strv
	FIELD_TIME,    // int64_t
	FIELD_INT,     // int
	FIELD_NUMBER,  // double
	FIELD_BYTES,   // uint64_t
	FIELD_BOOL,
	FIELD_ID,      // char *, owned: a reference; never truncated: that could be another item's id
	FIELD_IDS,     // struct strv of references
	FIELD_KIND,    // enum kind
	FIELD_STATE,   // enum item_state
	FIELD_POSTURE, // struct posture
	FIELD_METRIC,  // measured: of the sample or the rates
	FIELD_MADE,    // made of others by a function
};
struct fact_binding {
	enum field_type type;
	size_t at;   // offset of a field
	size_t most; // bytes of a text, or of an item of a list; longer ones are cut
	enum metric metric; // of FIELD_METRIC, and of a field that is measured, too
	double (*number)(const struct fact_source *from);
	void (*words)(struct str *out, const struct fact_source *from);
};

// Whether the fact is a figure, also one in place of a field.
static inline bool fact_is_measured(const struct fact_binding *b)
{
	return b->type == FIELD_METRIC || b->metric;
}

// The value of a fact for which fact_is_number() holds, in the unit of its type; NAN when missing.
double fact_number(enum fact fact, const struct fact_source *from);
// The text of the others; nothing when missing.
void fact_add_words(struct str *out, enum fact fact, const struct fact_source *from);
// As --format shows it: numbers without units, times in UTC, "-" when missing. Foreign text is made visible.
void fact_add_plain(struct str *out, enum fact fact, const struct fact_source *from);
// As a table shows it: numbers with units, "-" when missing. Foreign text is made visible.
void fact_add_cell(struct str *out, enum fact fact, const struct fact_source *from);
// < 0: A before B in ascending order. A missing number is lower than all others.
int fact_compare(enum fact fact, const struct fact_source *a, const struct fact_source *b);
