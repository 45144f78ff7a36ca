// SPDX-License-Identifier: LGPL-2.1-or-later
// Closing many descriptors at once: see sys/closing.h.
#include "sys/closing.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>
#include <unistd.h>

enum { MANY = 64 }; // descriptors with higher numbers are closed immediately

static uint64_t waiting; // bit N: descriptor N
static bool open_longer;

void closing_begin(void)
{
	struct rlimit limit;

	open_longer = getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur >= 2 * MANY;
}

void closing_end(void)
{
	for (unsigned first = 0; waiting >> first; first++) {
		unsigned last = first;

		if (!(waiting >> first & 1))
			continue;
		while (last + 1 < MANY && waiting >> (last + 1) & 1)
			last++;
		close_range(first, last, 0);
		if (last + 1 == MANY)
			break;
		first = last;
	}
	waiting = 0;
	open_longer = false;
}

void closing_add(int fd)
{
	if (fd >= 0 && (!open_longer || fd >= MANY))
		close(fd);
	else if (fd >= 0)
		waiting |= UINT64_C(1) << fd;
}
