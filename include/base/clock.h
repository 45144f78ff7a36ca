// The monotonic and the wall clock. All times and durations in hostel are in nanoseconds.
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
// Sets clock_wall() of this process to WALL, from where it continues: for the fake engine, whose time is scripted.
void clock_set_wall(int64_t wall);

// The milliseconds until DEADLINE (monotonic), for poll(2): rounded up, so that poll never returns early; 0 when it
// has passed.
int clock_poll_ms(int64_t deadline);
// NS as a struct timespec.
struct timespec clock_timespec(int64_t ns);
// TICKS in nanoseconds. /proc counts CPU time and start times in ticks (sysconf(3) _SC_CLK_TCK).
uint64_t clock_ticks_ns(uint64_t ticks);
