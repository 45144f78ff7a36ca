// The two clocks: see base/clock.h.
#include "base/clock.h"

#include <limits.h>
#include <stdatomic.h>
#include <unistd.h>

static int64_t read_clock(clockid_t id)
{
	struct timespec now;

	clock_gettime(id, &now);
	return (int64_t)now.tv_sec * SECOND + now.tv_nsec;
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

int64_t clock_wall_at(int64_t mono)
{
	return clock_wall() - (clock_mono() - mono);
}

void clock_set_wall(int64_t wall)
{
	shift = wall - read_clock(CLOCK_REALTIME);
}

int clock_poll_ms(int64_t deadline)
{
	int64_t left = deadline - clock_mono(), ms = left / MS + (left % MS > 0);

	return ms <= 0 ? 0 : ms < INT_MAX ? (int)ms : INT_MAX;
}

struct timespec clock_timespec(int64_t ns)
{
	return (struct timespec){.tv_sec = (time_t)(ns / SECOND), .tv_nsec = (long)(ns % SECOND)};
}

uint64_t clock_ticks_ns(uint64_t ticks)
{
	return ticks * ((uint64_t)SECOND / (uint64_t)sysconf(_SC_CLK_TCK));
}
