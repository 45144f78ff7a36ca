// Closing many descriptors with one system call. Closed one by one, they were a seventh of the system calls of a
// start; so between closing_begin() and closing_end() descriptors with low numbers stay open, to be closed
// together.
#pragma once

#include "base/mem.h"

// Starts collecting, unless RLIMIT_NOFILE is low.
void closing_begin(void);
// Closes what was collected.
void closing_end(void);
// Closes FD (-1: none), now or later. The caller must not use it again.
void closing_add(int fd);

static inline void auto_closing_run(int *fd)
{
	closing_add(*fd);
}
#define auto_closing AUTO(closing) // like auto_close
