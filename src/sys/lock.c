// Locks with a time limit: see lock.h.
#include "sys/lock.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "sys/proc.h"

#define PATIENCE (60 * SECOND)
#define PATIENCE_STOPPED (2 * SECOND)
enum { LOOK_MS = 1000, RECORD = 40, COMMAND_MOST = 60 };

static void (*_Atomic on_wait)(const char *text);

void lock_on_wait(void (*say)(const char *text))
{
	atomic_store(&on_wait, say);
}

// --- the holder ---

// /proc/locks would name the child that has waited (see below) instead of its parent.
static void note_holder(int fd)
{
	char text[RECORD + 1];
	uint64_t started = 0;

	proc_start_time(getpid(), &started);
	snprintf(text, sizeof(text), "%-15d%-24llu\n", (int)getpid(), (unsigned long long)started);
	(void)!pwrite(fd, text, RECORD, 0); // on a full disk, it is unknown
}

pid_t lock_holder(int fd)
{
	char text[RECORD + 1] = "";
	unsigned long long started;
	int pid;

	if (pread(fd, text, RECORD, 0) <= 0 || sscanf(text, "%d %llu", &pid, &started) != 2)
		return 0;
	return proc_is_alive(pid, started) ? pid : 0;
}

static char *lock_describe(pid_t holder)
{
	auto_free char *path = mem_printf("/proc/%d/cmdline", (int)holder);
	char line[4096];
	ssize_t n = proc_read_file(path, line, sizeof(line));

	const char *slash = n > 0 ? strrchr(line, '/') : NULL;
	size_t name = slash ? (size_t)(slash + 1 - line) : 0; // without its directory
	for (ssize_t i = 0; i + 1 < n; i++)
		line[i] = line[i] ? line[i] : ' ';
	auto_free char *shown = str_visible(n > 0 ? line + name : "?");
	str_cut(shown, COMMAND_MOST);
	return holder ? mem_printf("process %d (%s)", (int)holder, shown) : mem_strdup("another process");
}

int lock_try(int fd)
{
	if (flock(fd, LOCK_EX | LOCK_NB) < 0)
		return -errno;
	note_holder(fd);
	return 0;
}

// --- waiting ---

struct waiting {
	int fd, operation;
	const char *what;
	pid_t holder;
	int64_t since, moving; // since when it has held the lock, and when it was last seen not to be stopped
	bool said;
};

static int try_lock(const struct waiting *w)
{
	return w->operation == LOCK_EX ? lock_try(w->fd) : flock(w->fd, w->operation | LOCK_NB) < 0 ? -errno : 0;
}

// In a child: threads of its parent may hold the lock through other descriptors, and release it by closing them.
static void close_all_but(int fd)
{
	if (fd > 0)
		close_range(0, (unsigned)fd - 1, 0);
	close_range((unsigned)fd + 1, ~0u, 0);
}

// Starts a child that waits for the lock, which its parent has as soon as the child does. Unlike flock(2) in this
// process, waiting for the child can time out, and does not need a signal to be interrupted.
static pid_t start_waiter(const struct waiting *w)
{
	pid_t parent = getpid(), pid = fork();

	if (pid != 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	close_all_but(w->fd);
	_exit(getppid() != parent || flock(w->fd, w->operation) < 0);
}

static int give_up(const struct waiting *w, bool stopped, struct err *e)
{
	auto_free char *holder = lock_describe(w->holder);

	if (stopped)
		return err_msg(e, ENOLCK, "cannot lock %s: %s holds the lock and is stopped (to continue it: kill -CONT %d)",
		               w->what, holder, (int)w->holder);
	return err_msg(e, ENOLCK, "cannot lock %s: %s has held the lock for a minute", w->what, holder);
}

void lock_say_holder(pid_t holder, const char *what)
{
	static _Atomic pid_t said;
	void (*say)(const char *) = atomic_load(&on_wait);
	auto_free char *process = lock_describe(holder), *text = mem_printf("waiting for %s to unlock %s", process, what);

	if (say && (!holder || atomic_exchange(&said, holder) != holder))
		say(text);
}

// Called after each LOOK_MS of waiting.
static int check_holder(struct waiting *w, struct err *e)
{
	pid_t holder = lock_holder(w->fd);
	int64_t now = clock_mono();

	if (holder != w->holder) {
		w->holder = holder;
		w->since = w->moving = now;
		w->said = false;
	} else if (!w->said) {
		lock_say_holder(holder, w->what);
		w->said = true;
	}
	if (!holder || proc_state(holder) != 'T')
		w->moving = now;
	bool stopped = now - w->moving >= PATIENCE_STOPPED;
	return stopped || now - w->since >= PATIENCE ? give_up(w, stopped, e) : 0;
}

static int wait_for_child(struct waiting *w, pid_t child, struct err *e)
{
	auto_close int exited = pidfd_open(child, 0);
	struct pollfd p = {exited, POLLIN, 0};
	int r = 0;

	for (bool done = false; r == 0 && !done; done |= exited < 0) {
		done = poll(&p, 1, LOOK_MS) > 0;
		r = done ? 0 : check_holder(w, e);
	}
	return r;
}

static int wait_once(struct waiting *w, struct err *e)
{
	pid_t child = start_waiter(w);

	if (child < 0)
		return err_set(e, errno, "cannot start a process");
	int r = wait_for_child(w, child, e), taken;
	proc_end(child);
	taken = try_lock(w);
	return taken == -EWOULDBLOCK && r < 0 ? r : taken;
}

int lock_wait(int fd, bool shared, const char *what, struct err *e)
{
	struct waiting w = {fd, shared ? LOCK_SH : LOCK_EX, what, lock_holder(fd), clock_mono(), clock_mono(), false};
	int r = try_lock(&w);

	while (r == -EWOULDBLOCK) // again if the child was killed
		r = wait_once(&w, e);
	return r < 0 && r != -ENOLCK ? err_set(e, -r, "cannot lock %s", what) : r;
}
