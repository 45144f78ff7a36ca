// Facts: everything known about an item, under one name. A row of the table is a column of the dashboard's list
// and of `hostel ls` and `hostel stats`, a field of --format, a key of filters and JSON, and a sort key.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "model/sample.h"

struct item;

// In column order: those before FACT_COLUMNS are columns, for workloads that have them.
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
	FACT_HEALTH,
	FACT_LAST_EXIT,
	FACT_OOM_KILLS,
	FACT_THROTTLED,
	FACT_STEAL,
	FACT_CACHE,
	FACT_SWAP,
	FACT_IMAGE,
	FACT_ADDRESSES,
	FACT_PORTS,
	FACT_LABELS,
	FACT_COMMAND,
	FACT_ENGINE,
	FACT_PID,
	FACT_CREATED,
	FACT_UP,
	FACT_COLUMNS, // the rest are not columns of workloads
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
	FACT_GRAPHICS,
	FACT_PUBLISHER,
	FACT_NETWORKS,
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
	FACT_ANONYMOUS,
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
	FACT_WORD,     // one of a fixed set: a kind, a state
	FACT_FLAG,     // yes or no
	FACT_TIME,     // wall-clock ns
	FACT_DURATION, // ns
	FACT_COUNT,
	FACT_NUMBER,
	FACT_PERCENT,
	FACT_BYTES,
	FACT_RATE,     // bytes per second
	FACT_STEPS,    // strength of isolation, 0 … 5
	FACT_GRAPH,    // a series, only drawn
};

enum fact_flag {
	FACT_LIVE = 1,       // changes all the time, without events
	FACT_DESCENDING = 2, // sorted from high to low by default
	FACT_HIDDEN = 4,     // column hidden by default
	FACT_UNSORTED = 8,   // cannot be sorted by
	FACT_RUNNING = 16,   // meaningless for a workload that is not running
};

struct fact_info {
	const char *name;    // canonical name
	const char *before;  // its name in version 1 of the wire, NULL = the same
	const char *alias;   // accepted alias, or NULL
	const char *title;   // column heading
	const char *help;    // one line
	enum fact_type type;
	unsigned flags;
	int width, widest;   // of its column: minimum, and maximum if there is room (0: does not grow)
	int priority;        // 0 is always shown; the highest is dropped first when space runs out
};
const struct fact_info *fact_info(enum fact fact);
// Finds a fact by NAME (N bytes), old name or alias, ignoring case. Returns -1 if unknown.
int fact_find(const char *name, size_t n);
// Its name in version 1 of the wire.
const char *fact_old_name(enum fact fact);
// Appends the names of the facts before END (FACT_COLUMNS, FACTS) without any of the flags WITHOUT, separated by ", ".
void fact_add_names(struct str *out, enum fact end, unsigned without);
bool fact_is_number(enum fact fact);
// The smallest valid number: lower values, such as exit status -1 or pid 0, mean missing.
int fact_least(enum fact fact);

// The data that the facts of one item are read from.
struct fact_source {
	const struct item *item;
	const struct sample *sample; // NULL: no figures
	const struct rates *rates;   // NULL: counters are totals, CPU is the lifetime average
	int64_t now;                 // wall-clock ns
};

// Where to find a fact in the struct of a kind; one row per fact.
enum field_type {
	FIELD_NONE,    // the kind has no such fact
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
	FIELD_METRIC,  // measured: from the sample or the rates
	FIELD_MADE,    // computed from others by a function
};
struct fact_binding {
	enum field_type type;
	size_t at;   // offset of a field
	size_t most; // max bytes of a text or list entry; longer ones are cut
	enum metric metric; // for FIELD_METRIC, and for fields that are also measured
	uint32_t made_of;   // METRIC_BIT()s of figures that it is made of
	double (*number)(const struct fact_source *from);
	void (*words)(struct str *out, const struct fact_source *from);
};

// Whether the fact is measured, even if it also has a field.
static inline bool fact_is_measured(const struct fact_binding *b)
{
	return b->type == FIELD_METRIC || b->metric;
}

// A set of facts. Zeroed is empty.
struct fact_set {
	uint64_t bits[2];
};
_Static_assert(FACTS <= 128, "a fact_set holds all facts");
void fact_set_add(struct fact_set *set, enum fact fact);
void fact_set_add_all(struct fact_set *set);
void fact_set_join(struct fact_set *set, const struct fact_set *other);
bool fact_set_has(const struct fact_set *set, enum fact fact);

// The value of a fact for which fact_is_number() holds, in the unit of its type; NAN when missing.
double fact_number(enum fact fact, const struct fact_source *from);
// Appends the text of other facts; nothing if missing.
void fact_add_words(struct str *out, enum fact fact, const struct fact_source *from);
// Appends it for --format: numbers without units, times in UTC, "-" if missing. Control characters are escaped.
void fact_add_plain(struct str *out, enum fact fact, const struct fact_source *from);
// Appends it for tables: numbers with units, "-" if missing. Control characters are escaped.
void fact_add_cell(struct str *out, enum fact fact, const struct fact_source *from);
// Returns < 0 if A comes before B in ascending order. Missing numbers come first.
int fact_compare(enum fact fact, const struct fact_source *a, const struct fact_source *b);
