// The two clocks everything is stamped with, and their unit: every time and every duration is in nanoseconds.
#pragma once

#include <stdint.h>
#include <time.h>

// In nanoseconds.
#define MS INT64_C(1000000)
#define SECOND INT64_C(1000000000)

// CLOCK_MONOTONIC in nanoseconds: for rates, ages and deadlines.
int64_t clock_mono(void);
// CLOCK_REALTIME in nanoseconds since the epoch: for what is stored or shown as a date.
int64_t clock_wall(void);
// The wall-clock time of MONO, a monotonic time of this process.
int64_t clock_wall_at(int64_t mono);
// From now on clock_wall() continues from WALL in this process: for an engine whose time is a script.
void clock_set_wall(int64_t wall);

// The milliseconds until DEADLINE (monotonic) for poll(2): rounded up, so that the deadline has passed when they have;
// 0 when it has.
int clock_poll_ms(int64_t deadline);
// NS for what waits by a struct timespec.
struct timespec clock_timespec(int64_t ns);
// The nanoseconds of TICKS, in which /proc counts CPU time and start times (sysconf(3) _SC_CLK_TCK).
uint64_t clock_ticks_ns(uint64_t ticks);
