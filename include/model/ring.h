// History of one series: 1 s for 15 minutes, 10 s for 3 hours, 1 minute for 24 hours. No allocation after init.
#pragma once

#include <stddef.h>
#include <stdint.h>

enum ring_tier { RING_SECONDS, RING_TENS, RING_MINUTES, RING_TIERS };
enum { RING_POINTS_SECONDS = 900, RING_POINTS_TENS = 1080, RING_POINTS_MINUTES = 1440 };

// 7 KB. Points are the upper half of a float (8 bits of precision, 0.4 %): enough for a graph, in half the memory.
// NAN = missing.
struct ring {
	int64_t second;           // last second stored, counted from the first
	int64_t next[RING_TIERS]; // number of points ever stored in each tier
	double sum[RING_TIERS];   // sums of the points not yet folded into the next tier
	unsigned count[RING_TIERS];
	uint16_t seconds[RING_POINTS_SECONDS];
	uint16_t tens[RING_POINTS_TENS];
	uint16_t minutes[RING_POINTS_MINUTES];
};

void ring_init(struct ring *r);
// Stores VALUE (NAN = missing) for the second of AT (monotonic ns). Skipped seconds are missing; another value for the
// same second replaces the first.
void ring_add(struct ring *r, int64_t at, double value);
// Copies the newest COUNT points of TIER into OUT, oldest first, NAN if missing.
void ring_last(const struct ring *r, enum ring_tier tier, double *out, size_t count);
