// Descriptors above the soft limit: see relay_fd.h.
#include "relay_fd.h"

#include <fcntl.h>
#include <stdbool.h>
#include <sys/resource.h>
#include <unistd.h>

enum {
	PLENTY = 1 << 16, // a soft limit that a relay cannot exhaust
	OTHERS = 48,      // the monitor's own descriptors
};

// A soft limit of RLIM_INFINITY is the largest number.
static bool is_low(const struct rlimit *limit)
{
	return limit->rlim_cur < PLENTY && limit->rlim_max > limit->rlim_cur;
}

int relay_fd_move(int fd)
{
	struct rlimit limit;

	if (fd < 0 || getrlimit(RLIMIT_NOFILE, &limit) < 0 || !is_low(&limit) || (rlim_t)fd >= limit.rlim_cur)
		return fd;
	setrlimit(RLIMIT_NOFILE, &(struct rlimit){limit.rlim_max, limit.rlim_max});
	int moved = fcntl(fd, F_DUPFD_CLOEXEC, (int)limit.rlim_cur);
	setrlimit(RLIMIT_NOFILE, &limit);
	if (moved < 0)
		return fd;
	close(fd);
	return moved;
}

size_t relay_fd_most(size_t wanted, size_t each)
{
	struct rlimit limit = {0};

	getrlimit(RLIMIT_NOFILE, &limit);
	rlim_t beyond = is_low(&limit) ? limit.rlim_max - limit.rlim_cur : 0,
	       below = limit.rlim_cur > OTHERS ? limit.rlim_cur - OTHERS : 0;
	rlim_t most = (beyond > below ? beyond : below) / each;
	return most < 1 ? 1 : most < wanted ? (size_t)most : wanted;
}
