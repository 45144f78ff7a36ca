// Closing many descriptors at once. Closing each by itself was a seventh of the system calls of a start, so between closing_begin() and closing_end()
// they stay open, up to a number, and are then closed together.
#pragma once

#include <stdbool.h>

#include "base/mem.h"

// From here on; unless this process may open only few descriptors.
void closing_begin(void);
// Closes those that are still open.
void closing_end(void);
// Closes FD (-1: none), now or later. It must not be used any more.
void closing_add(int fd);

static inline void auto_closing_run(int *fd)
{
	closing_add(*fd);
}
#define auto_closing AUTO(closing) // as auto_close
