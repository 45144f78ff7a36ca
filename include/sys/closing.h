// Closing many descriptors with one system call. Closing each by itself was a seventh of the system calls of a start,
// so between closing_begin() and closing_end() descriptors with low numbers stay open and are then closed together.
#pragma once

#include "base/mem.h"

// Starts collecting, unless RLIMIT_NOFILE is low.
void closing_begin(void);
// Closes what was collected.
void closing_end(void);
// Closes FD (-1: none), now or later. It must not be used any more.
void closing_add(int fd);

static inline void auto_closing_run(int *fd)
{
	closing_add(*fd);
}
#define auto_closing AUTO(closing) // as auto_close
