// Access to a container's monitor from other processes.
#include "view_monitor.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "container/store/store.h"
#include "sys/proc.h"
#include "view.h"

enum { POLL_MS = 1000 }; // how often to check a monitor that does not exit

// The monitor writes "PID START-TIME" into its lock file. Monitors of older versions do not, nor does one on a full
// disk; they are recognised by the pid in the state and by their working directory.
static bool works_here(const struct view *v, pid_t pid)
{
	char path[64];
	struct stat here, there;

	snprintf(path, sizeof(path), "/proc/%d/cwd", (int)pid);
	return stat(path, &there) == 0 && fstat(v->dir, &here) == 0 && here.st_dev == there.st_dev &&
	       here.st_ino == there.st_ino;
}

// Returns a pidfd of the monitor and sets *PID, or returns -ESRCH.
static int monitor_open(const struct view *v, pid_t *pid)
{
	char text[64] = "";
	long number = 0;
	unsigned long long started = 0;

	if (proc_read_file_at(v->dir, "monitor", text, sizeof(text)) > 0 &&
	    sscanf(text, "%ld %llu", &number, &started) == 2) {
		*pid = (pid_t)number;
		return proc_open(*pid, started);
	}
	*pid = v->state.monitor;
	auto_close int fd = *pid > 0 ? pidfd_open(*pid, 0) : -1;
	return fd < 0 || !works_here(v, *pid) ? -ESRCH : steal_fd(&fd);
}

pid_t view_monitor_stopped(const struct view *v)
{
	pid_t pid;
	auto_close int fd = v->watched ? monitor_open(v, &pid) : -1;
	char state = fd < 0 ? '\0' : proc_state(pid);

	return state == 'T' ? pid : 0; // tracing ('t') does not count
}

int view_refuse_stopped(const struct view *v, struct err *e)
{
	pid_t pid = view_monitor_stopped(v);

	return pid ? err_msg(e, EBUSY, "the monitor of container '%s' is stopped by a signal (continue it: kill -CONT %d)",
	                     v->record.name, (int)pid)
	           : 0;
}

int view_signal_monitor(const struct view *v, int signal)
{
	pid_t pid;
	auto_close int monitor = monitor_open(v, &pid);

	return monitor < 0 || pidfd_send_signal(monitor, signal, NULL, 0) < 0 ? -ESRCH : 0;
}

int view_kill_monitor(const struct view *v)
{
	pid_t pid;
	auto_close int monitor = monitor_open(v, &pid);
	struct pollfd p = {monitor, POLLIN, 0};

	if (monitor < 0 || pidfd_send_signal(monitor, SIGKILL, NULL, 0) < 0)
		return -ESRCH;
	return poll(&p, 1, (int)(END_GRACE / MS)) > 0 ? 0 : -ETIMEDOUT;
}

bool view_wait_for_end(const struct view *v, int64_t timeout)
{
	pid_t pid;
	auto_close int pidfd = monitor_open(v, &pid);
	int64_t until = clock_mono() + timeout;

	while (store_is_locked(v->dir, "monitor")) {
		int left = clock_poll_ms(until);
		struct pollfd p = {pidfd, POLLIN, 0};
		if (left == 0 || view_monitor_stopped(v))
			return false;
		poll(&p, 1, pidfd < 0 ? 20 : left < POLL_MS ? left : POLL_MS); // without a pidfd, poll more often
	}
	return true;
}
