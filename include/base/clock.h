// The two clocks everything is stamped with.
#pragma once

#include <stdint.h>

// CLOCK_MONOTONIC in nanoseconds: for rates, ages and deadlines.
int64_t clock_mono(void);
// CLOCK_REALTIME in nanoseconds since the epoch: for what is stored or shown as a date.
int64_t clock_wall(void);
// From now on clock_wall() goes on from WALL in this process: for an engine whose time is a script.
void clock_set_wall(int64_t wall);
