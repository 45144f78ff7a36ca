// SPDX-License-Identifier: LGPL-2.1-or-later
// Signals all processes in a container's control groups, even if they fork or exit meanwhile.
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "act.h"
#include "base/clock.h"
#include "base/mem.h"
#include "groups.h"
#include "sys/fs.h"
#include "sys/proc.h"

void groups_end_process(const struct groups *g, pid_t pid)
{
	kill(pid, SIGKILL);
	groups_release(g, pid);
	waitpid(pid, NULL, 0);
}

static void wait_gone(const struct pids *pids, int64_t deadline)
{
	for (size_t i = 0; i < pids->count; i++) {
		auto_close int fd = pidfd_open(pids->items[i], 0);
		struct pollfd p = {.fd = fd, .events = POLLIN};

		if (fd >= 0)
			poll(&p, 1, clock_poll_ms(deadline));
	}
}

static bool is_listed(const struct pids *pids, pid_t pid)
{
	for (size_t i = 0; i < pids->count; i++)
		if (pids->items[i] == pid)
			return true;
	return false;
}

enum { BATCH_MIN = 8, BATCH_MAX = 256 };

// The number of pidfds per batch: each batch reads all groups once more, but descriptors may be scarce.
static size_t batch_size(void)
{
	struct rlimit files;
	rlim_t quarter = getrlimit(RLIMIT_NOFILE, &files) == 0 ? files.rlim_cur / 4 : BATCH_MIN;

	return quarter < BATCH_MIN ? BATCH_MIN : quarter > BATCH_MAX ? BATCH_MAX : (size_t)quarter;
}

// A pid that was read may have been reused since. So the pidfds are opened first, and used only if the pid is still
// listed afterwards.
static int signal_batch(const struct groups *g, int signal, const pid_t *batch, size_t count, struct err *e)
{
	struct pids now = {0};
	int fds[BATCH_MAX], sent = 0;

	for (size_t i = 0; i < count; i++)
		fds[i] = pidfd_open(batch[i], 0);
	int r = groups_pids(g, &now.items, &now.count, e);
	for (size_t i = 0; i < count; i++) {
		sent += r == 0 && fds[i] >= 0 && is_listed(&now, batch[i]) && pidfd_send_signal(fds[i], signal, NULL, 0) == 0;
		auto_close_run(&fds[i]);
	}
	free(now.items);
	return r < 0 ? r : sent;
}

static int signal_all(const struct groups *g, int signal, struct pids *pids, struct err *e)
{
	int r = groups_pids(g, &pids->items, &pids->count, e);
	size_t size = batch_size();
	int sent = 0;

	for (size_t i = 0; r == 0 && i < pids->count; i += size) {
		int n = signal_batch(g, signal, pids->items + i, pids->count - i < size ? pids->count - i : size, e);

		sent += n > 0 ? n : 0;
		r = n < 0 ? n : 0;
	}
	return r < 0 ? r : sent;
}

// Freezes the processes while signalling them, so that no fork escapes. Always thaws them again.
static int signal_frozen(const struct groups *g, int signal, struct pids *pids, struct err *e)
{
	sigset_t all, before;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before); // a signal to this process must not leave the container frozen
	bool was = groups_frozen(g);
	bool froze = !was && g->freezer && groups_freeze(g, true, NULL) == 0;
	int r = signal_all(g, signal, pids, e);

	if (signal == SIGKILL && !g->v2)
		groups_release(g, 0);
	else if (froze)
		groups_freeze(g, false, NULL);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return r;
}

// Returns whether there were processes to kill, or negative errno.
static int kill_v2(const struct groups *g)
{
	auto_close int fd = g->v2 && g->joined.count ? group_open(g->joined.items[0]) : -1;
	char text[256];
	bool populated =
	    fd >= 0 && proc_read_file_at(fd, "cgroup.events", text, sizeof(text)) > 0 && strstr(text, "populated 1");

	if (fd < 0 || fs_write_text(fd, "cgroup.kill", "1") < 0)
		return -EOPNOTSUPP; // before Linux 5.14
	int r = group_wait_event(fd, "populated 0");
	return r < 0 ? r : populated;
}

int groups_kill(const struct groups *g, int signal, struct err *e)
{
	int64_t deadline = clock_mono() + GROUPS_PATIENCE;
	int sent = 0, killed = signal == SIGKILL ? kill_v2(g) : -EOPNOTSUPP;

	if (killed >= 0)
		return killed;
	for (;;) {
		struct pids pids = {0};
		int r = signal_frozen(g, signal, &pids, e);

		if (r >= 0 && signal == SIGKILL)
			wait_gone(&pids, deadline);
		free(pids.items);
		if (r < 0)
			return r;
		sent += r;
		if (signal != SIGKILL || r == 0)
			return sent;
		if (clock_mono() > deadline)
			return err_msg(e, ETIMEDOUT, "some processes in its control group cannot be killed");
	}
}
