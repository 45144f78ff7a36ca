// A sample: one measurement of one item. Counters are raw; only this file computes rates, from two samples.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum metric {
	METRIC_CPU,          // counter, ns of CPU time
	METRIC_THROTTLED,    // counter, ns throttled by its CPU limit
	METRIC_STEAL,        // counter, ns a vCPU was ready but did not run
	METRIC_MEMORY,       // bytes: anon + shmem + kernel of a container, used inside a guest
	METRIC_MEMORY_HOST,  // bytes, host RSS (guests: of QEMU, independent of the above; containers: same as memory)
	METRIC_CACHE,        // bytes of page cache
	METRIC_MEMORY_LIMIT, // bytes
	METRIC_SWAP,         // bytes
	METRIC_NET_RX,       // counter, bytes
	METRIC_NET_TX,
	METRIC_READ,         // counter, bytes
	METRIC_WRITE,
	METRIC_READ_OPS,     // counter
	METRIC_WRITE_OPS,
	METRIC_PIDS,         // tasks, or vCPUs of a guest
	METRIC_PSI_CPU,      // percent × 100
	METRIC_PSI_MEMORY,
	METRIC_PSI_IO,
	METRIC_OOM_KILLS,    // counter
	METRIC_SIZE,         // bytes, capacity of a disk
	METRIC_ALLOCATED,    // bytes used by a disk on the host
	METRIC_PIDS_LIMIT,
	METRICS,
};

// Sets of metrics.
#define METRIC_BIT(METRIC) (UINT32_C(1) << (METRIC))
#define METRICS_ALL (METRIC_BIT(METRICS) - 1)
// Those that tell of trouble before a state does: near a limit, throttled, killed for lack of memory. They come from
// guests and containers whether asked for or not, but seldom.
#define METRICS_OF_TROUBLE                                                                                      \
	(METRIC_BIT(METRIC_THROTTLED) | METRIC_BIT(METRIC_MEMORY) | METRIC_BIT(METRIC_MEMORY_LIMIT) | \
	 METRIC_BIT(METRIC_PIDS) | METRIC_BIT(METRIC_PIDS_LIMIT) | METRIC_BIT(METRIC_OOM_KILLS))

enum metric_type { METRIC_COUNTER, METRIC_GAUGE };
enum metric_unit { UNIT_TIME, UNIT_BYTES, UNIT_COUNT, UNIT_CENTIPERCENT };

struct metric_info {
	const char *name; // on the wire of version 1
	enum metric_type type;
	enum metric_unit unit;
};
const struct metric_info *metric_info(enum metric m);

struct sample {
	int64_t at;      // CLOCK_MONOTONIC of the reader's host, ns
	uint32_t have;   // bits 1 << metric; a value without its bit is missing, never 0
	uint64_t value[METRICS];
};

void sample_set(struct sample *s, enum metric m, uint64_t value);
bool sample_has(const struct sample *s, enum metric m);
// The value in display units (percentages in percent). S must have it.
double sample_plain(const struct sample *s, enum metric m);

// Values for display: gauges unchanged, counters per second, CPU-time counters in percent of one core.
struct rates {
	int64_t at;
	uint32_t have;
	double value[METRICS];
};

// Computes rates from two samples of one item; BEFORE is the older one and may be NULL or empty (gauges only).
// There is no rate if the counter decreased or no time has passed.
void rates_make(struct rates *r, const struct sample *before, const struct sample *now);
// The same where some figures are measured more seldom than others: KEPT holds the newest of each figure, which came
// AT (zeroed: none yet). Takes NOW in; what NOW has not is missing then, but for the signs of trouble
// (METRICS_OF_TROUBLE) of the last half minute.
void rates_update(struct rates *r, struct sample *kept, int64_t at[METRICS], const struct sample *now);
bool rates_has(const struct rates *r, enum metric m);
// The rate, or NAN if missing.
double rates_get(const struct rates *r, enum metric m);

// One row of a sampling tick. The id is owned by the set.
struct sample_row {
	char *id;
	struct sample sample;
};
struct sample_set {
	struct sample_row *rows;
	size_t count, room;
};
// Adds a copy of S.
void sample_set_add(struct sample_set *set, const char *id, const struct sample *s);
// The same; takes ownership of ID.
void sample_set_take(struct sample_set *set, char *id, const struct sample *s);
void sample_set_clear(struct sample_set *set);
void sample_set_done(struct sample_set *set);
