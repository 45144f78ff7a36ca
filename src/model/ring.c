// History in three resolutions: see model/ring.h.
#include "model/ring.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/clock.h"

static const struct {
	size_t points;
	unsigned folds; // points of this tier per point of the next
} tiers[RING_TIERS] = {
	[RING_SECONDS] = {.points = RING_POINTS_SECONDS, .folds = 10},
	[RING_TENS] = {.points = RING_POINTS_TENS, .folds = 6},
	[RING_MINUTES] = {.points = RING_POINTS_MINUTES},
};

// Rounds to the upper half of a float's bits, and back.
static uint16_t pack_point(double value)
{
	float number = (float)value;
	uint32_t bits;

	memcpy(&bits, &number, sizeof(bits));
	return isnan(number) ? UINT16_MAX : (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

static double unpack_point(uint16_t point)
{
	uint32_t bits = (uint32_t)point << 16;
	float number;

	memcpy(&number, &bits, sizeof(number));
	return number;
}

static const uint16_t *tier_points(const struct ring *r, enum ring_tier tier)
{
	const uint16_t *const points[RING_TIERS] = {r->seconds, r->tens, r->minutes};

	return points[tier];
}

// The count marks points that were never stored, so the pages of a new ring stay untouched: thousands of rings cost
// little.
void ring_init(struct ring *r)
{
	r->second = -1;
	for (enum ring_tier tier = 0; tier < RING_TIERS; tier++) {
		r->next[tier] = 0;
		r->sum[tier] = 0;
		r->count[tier] = 0;
	}
}

static void tier_store(struct ring *r, enum ring_tier tier, double value);

// Adds VALUE to the pending point of the next tier, and stores that point once it is complete.
static void tier_fold(struct ring *r, enum ring_tier tier, double value)
{
	if (!isnan(value)) {
		r->sum[tier] += value;
		r->count[tier]++;
	}
	if (r->next[tier] % tiers[tier].folds)
		return;
	tier_store(r, tier + 1, r->count[tier] ? r->sum[tier] / r->count[tier] : NAN);
	r->sum[tier] = 0;
	r->count[tier] = 0;
}

static void tier_store(struct ring *r, enum ring_tier tier, double value)
{
	uint16_t *points = (uint16_t *)tier_points(r, tier);

	points[r->next[tier] % (int64_t)tiers[tier].points] = pack_point(value);
	r->next[tier]++;
	if (tiers[tier].folds)
		tier_fold(r, tier, value);
}

void ring_add(struct ring *r, int64_t at, double value)
{
	int64_t second = at / SECOND;
	int64_t missing = r->second < 0 ? 0 : second - r->second - 1;

	if (r->second >= 0 && second <= r->second) { // the newest wins; points already folded stay
		r->seconds[(r->next[RING_SECONDS] - 1) % RING_POINTS_SECONDS] = pack_point(value);
		return;
	}
	if (missing > RING_POINTS_MINUTES * 60) // a day later all points have expired
		missing = RING_POINTS_MINUTES * 60;
	for (; missing > 0; missing--)
		tier_store(r, RING_SECONDS, NAN);
	tier_store(r, RING_SECONDS, value);
	r->second = second;
}

void ring_last(const struct ring *r, enum ring_tier tier, double *out, size_t count)
{
	const uint16_t *points = tier_points(r, tier);
	int64_t room = (int64_t)tiers[tier].points;
	int64_t first = r->next[tier] - (int64_t)count;

	for (size_t i = 0; i < count; i++) {
		int64_t index = first + (int64_t)i;
		bool kept = index >= 0 && index >= r->next[tier] - room;

		out[i] = kept ? unpack_point(points[index % room]) : NAN;
	}
}
