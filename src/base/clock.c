// The two clocks: see base/clock.h.
#include "base/clock.h"

#include <stdatomic.h>
#include <time.h>

static int64_t read_clock(clockid_t id)
{
	struct timespec now;

	clock_gettime(id, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int64_t clock_mono(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

static atomic_int_least64_t shift;

int64_t clock_wall(void)
{
	return read_clock(CLOCK_REALTIME) + shift;
}

void clock_set_wall(int64_t wall)
{
	shift = wall - read_clock(CLOCK_REALTIME);
}
