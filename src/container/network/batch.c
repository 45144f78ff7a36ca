// Joining and leaving at the same time: see batch.h.
#include "batch.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "sys/fs.h"
#include "sys/lock.h"

enum { LOOK_MS = 5 };
#define LONGEST (2 * SECOND) // without a change by any of them: one may have been stopped
#define LONGEST_OF_ALL (20 * SECOND)

// Each process that is about to join or leave holds a shared lock on this file. Other users cannot open it: anyone who
// can open a file or directory can also lock it (flock(2)) and make others wait.
static int announce(const struct networks *n, struct err *e)
{
	if (fs_make_directories(n->run, 0755, e) < 0)
		return -e->code;
	auto_free char *path = mem_printf("%s/.joining", n->run);
	auto_close int fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_set(e, errno, "cannot open '%s'", path);
	int r = lock_wait(fd, true, "the list of containers that join networks", e);
	return r < 0 ? r : steal_fd(&fd);
}

int batch_begin(struct networks *n, struct err *e)
{
	auto_close int batch = announce(n, e);
	int r = batch < 0 ? batch : networks_lock(n, e);

	return r < 0 ? r : steal_fd(&batch);
}

// Waits until one of them has published, no other process is about to join or leave, or they take too long.
static void wait_for_others(int batch, const struct networks *n)
{
	int64_t begin = clock_mono(), seen = begin, change = networks_last_change(n);

	flock(batch, LOCK_UN);
	while (networks_are_unsettled(n) && lock_try(batch) < 0 && clock_mono() < seen + LONGEST &&
	       clock_mono() < begin + LONGEST_OF_ALL) {
		poll(NULL, 0, LOOK_MS);
		if (networks_last_change(n) != change) {
			change = networks_last_change(n);
			seen = clock_mono();
		}
	}
	flock(batch, LOCK_UN);
}

int batch_end(int batch, struct networks *n, struct err *e)
{
	networks_unlock(n);
	wait_for_others(batch, n);
	int r = networks_lock(n, e);

	return r < 0 ? r : networks_are_unsettled(n);
}
