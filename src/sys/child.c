// Child processes by posix_spawn(3), which is safe in a process with threads: see sys/proc.h.
#include "sys/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"

enum { ERROR_TAIL = 600 };

static void spawn_file_actions(posix_spawn_file_actions_t *actions, const int fds[3], int extra_fd)
{
	posix_spawn_file_actions_init(actions);
	for (int i = 0; i < 3; i++)
		if (fds[i] < 0)
			posix_spawn_file_actions_addopen(actions, i, "/dev/null", O_RDWR, 0);
		// also for equal numbers: dup2 onto itself clears close-on-exec
		// (posix_spawn_file_actions_adddup2)
		else
			posix_spawn_file_actions_adddup2(actions, fds[i], i);
	if (extra_fd >= 0)
		posix_spawn_file_actions_adddup2(actions, extra_fd, 3);
}

static void spawn_attributes(posix_spawnattr_t *attr, bool session)
{
	sigset_t all, none;

	sigfillset(&all);
	sigemptyset(&none);
	posix_spawnattr_init(attr);
	posix_spawnattr_setsigdefault(attr, &all);
	posix_spawnattr_setsigmask(attr, &none);
	posix_spawnattr_setflags(
	    attr, (short)(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | (session ? POSIX_SPAWN_SETSID : 0)));
}

// A copy of FD above the numbers that spawn_file_actions() fills, so that no source is overwritten before its turn. -1
// stays -1.
static int lift_fd(int fd)
{
	return fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 4);
}

void proc_end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

pid_t proc_spawn(const char *const argv[], const int fds[3], int extra_fd, bool session, struct err *e)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	pid_t pid = -1;
	int lifted[4] = {lift_fd(fds[0]), lift_fd(fds[1]), lift_fd(fds[2]), lift_fd(extra_fd)};

	spawn_file_actions(&actions, lifted, lifted[3]);
	spawn_attributes(&attr, session);
	int code = posix_spawnp(&pid, argv[0], &actions, &attr, (char *const *)argv, environ);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&actions);
	for (int i = 0; i < 4; i++)
		auto_close_run(&lifted[i]);
	if (code == ENOENT)
		return err_msg(e, ENOENT, "'%s' is not installed", argv[0]);
	if (code)
		return err_set(e, code, "cannot run '%s'", argv[0]);
	return pid;
}

// A running child: our ends of the three pipes (-1 when done) and what was read from them.
struct run {
	pid_t pid;
	int input, output, errors;
	const char *text;
	struct str *out;
	struct str complaint;
};

static void run_feed(struct run *run)
{
	size_t length = strlen(run->text);
	ssize_t n = write(run->input, run->text, length);

	if (n > 0)
		run->text += n;
	if ((n < 0 && errno != EAGAIN && errno != EINTR) || (size_t)n == length) {
		close(run->input);
		run->input = -1;
	}
}

static void run_drain(int *fd, struct str *into, bool tail)
{
	char buffer[4096];
	ssize_t n = read(*fd, buffer, sizeof(buffer));

	if (n > 0 && into)
		str_add_bytes(into, buffer, (size_t)n);
	if (tail && into->length > 2 * ERROR_TAIL) { // the last output of a program tells why
		memmove(into->text, into->text + into->length - ERROR_TAIL, ERROR_TAIL);
		into->length = ERROR_TAIL;
		into->text[ERROR_TAIL] = '\0';
	}
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
		close(*fd);
		*fd = -1;
	}
}

static int milliseconds_left(int64_t deadline)
{
	return deadline == 0 ? -1 : clock_poll_ms(deadline);
}

// Until the child has closed its ends or DEADLINE passes. A pidfd ends the wait if a grandchild keeps the pipes open.
static int run_converse(struct run *run, int pidfd, int64_t deadline)
{
	bool ended = false;

	while (run->output >= 0 || run->errors >= 0) {
		struct pollfd p[4] = {{run->input, POLLOUT, 0},
		                      {run->output, POLLIN, 0},
		                      {run->errors, POLLIN, 0},
		                      {ended ? -1 : pidfd, POLLIN, 0}};
		int n = poll(p, 4, ended ? 0 : milliseconds_left(deadline));
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n == 0)
			return ended ? 0 : -ETIMEDOUT;
		if (n < 0)
			continue;
		if (p[0].revents)
			run_feed(run);
		if (p[1].revents)
			run_drain(&run->output, run->out, false);
		if (p[2].revents)
			run_drain(&run->errors, &run->complaint, true);
		ended = ended || p[3].revents;
	}
	return 0;
}

// Waits until DEADLINE for the child to exit; it may have closed its output long before.
static int run_reap(struct run *run, int pidfd, int64_t deadline, int *status)
{
	struct pollfd p = {pidfd, POLLIN, 0};

	while (pidfd >= 0) {
		int n = poll(&p, 1, milliseconds_left(deadline));
		if (n == 0)
			return -ETIMEDOUT;
		if (n > 0)
			break;
	}
	while (waitpid(run->pid, status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return 0;
}

static char *last_line(struct str *text)
{
	while (text->length && strchr("\n\r ", text->text[text->length - 1]))
		text->text[--text->length] = '\0';
	const char *newline = text->length ? strrchr(text->text, '\n') : NULL;
	return str_visible(newline ? newline + 1 : str_text(text));
}

// Whether the message SAID begins with the name of PROGRAM and a colon, as most programs' messages do.
static bool names_itself(const char *program, const char *said)
{
	const char *slash = strrchr(program, '/'), *name = slash ? slash + 1 : program;

	return str_starts(said, name) && said[strlen(name)] == ':';
}

static int run_result(struct run *run, const char *program, int status, struct err *e)
{
	auto_free char *said = last_line(&run->complaint);

	if (WIFSIGNALED(status))
		return err_msg(e, EINTR, "'%s' was killed by signal %d%s%s", program, WTERMSIG(status), *said ? ": " : "",
		               said);
	if (WEXITSTATUS(status) != 0 && names_itself(program, said))
		err_msg(e, EIO, "%s", said);
	else if (WEXITSTATUS(status) != 0)
		err_msg(e, EIO, "'%s' failed%s%s", program, *said ? ": " : "", said);
	return WEXITSTATUS(status);
}

static int set_nonblocking(int fd)
{
	return fd < 0 ? 0 : fcntl(fd, F_SETFL, O_NONBLOCK);
}

static int run_start(struct run *run, const char *const argv[], bool with_input, struct err *e)
{
	int in[2] = {-1, -1}, out[2] = {-1, -1}, errors[2] = {-1, -1};

	if ((with_input && pipe2(in, O_CLOEXEC) < 0) || (run->out && pipe2(out, O_CLOEXEC) < 0) ||
	    pipe2(errors, O_CLOEXEC) < 0)
		run->pid = err_set(e, errno, "cannot make a pipe for '%s'", argv[0]);
	else
		run->pid = proc_spawn(argv, (const int[3]){in[0], out[1], errors[1]}, -1, false, e);
	auto_close_run(&in[0]);
	auto_close_run(&out[1]);
	auto_close_run(&errors[1]);
	run->input = in[1];
	run->output = out[0];
	run->errors = errors[0];
	set_nonblocking(run->input);
	set_nonblocking(run->output);
	set_nonblocking(run->errors);
	return run->pid < 0 ? run->pid : 0;
}

static void run_finish(struct run *run)
{
	auto_close_run(&run->input);
	auto_close_run(&run->output);
	auto_close_run(&run->errors);
	str_done(&run->complaint);
}

static uint64_t ignored = ~UINT64_C(0); // bit N - 1: signal N may be ignored

void proc_note_ignored_signals(void)
{
	char text[4096];
	auto_close int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	text[n < 0 ? 0 : n] = '\0';
	const char *line = strstr(text, "\nSigIgn:");

	if (line)
		ignored = strtoull(line + strlen("\nSigIgn:"), NULL, 16);
}

// By the system call (rt_sigaction(2)): C libraries reserve two signals, which posix_spawn(3) would leave ignored in
// the child.
void proc_reset_signals(void)
{
	static const struct {
		uint64_t words[8]; // no handler, flags or mask, in whatever order the architecture has them
	} none = {0};
	sigset_t nothing;

	for (int s = 1; s <= 64; s++)
		if (ignored & UINT64_C(1) << (s - 1))
			syscall(SYS_rt_sigaction, s, &none, NULL, 8);
	sigemptyset(&nothing);
	sigprocmask(SIG_SETMASK, &nothing, NULL);
}

// Writing to a child that has gone must fail with EPIPE, not kill us; only this thread's mask is changed.
static void hold_sigpipe(sigset_t *before)
{
	sigset_t pipe;

	sigemptyset(&pipe);
	sigaddset(&pipe, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &pipe, before);
}

static void release_sigpipe(const sigset_t *before)
{
	sigset_t pipe;

	sigemptyset(&pipe);
	sigaddset(&pipe, SIGPIPE);
	if (!sigismember(before, SIGPIPE))
		while (sigtimedwait(&pipe, NULL, &(struct timespec){0}) > 0)
			;
	pthread_sigmask(SIG_SETMASK, before, NULL);
}

int proc_run(const char *const argv[], const char *input, struct str *out, int64_t timeout, struct err *e)
{
	struct run run = {.text = input, .out = out};
	int64_t deadline = timeout > 0 ? clock_mono() + timeout : 0;
	int status = 0;
	sigset_t before;

	int r = run_start(&run, argv, input != NULL, e);
	if (r == 0) {
		auto_close int pidfd = (int)syscall(SYS_pidfd_open, run.pid, 0);
		hold_sigpipe(&before);
		r = run_converse(&run, pidfd, deadline);
		if (r == 0)
			r = run_reap(&run, pidfd, deadline, &status);
		release_sigpipe(&before);
		if (r < 0) {
			kill(run.pid, SIGKILL);
			waitpid(run.pid, &status, 0);
			err_set(e, -r, "'%s' did not finish in time", argv[0]);
		} else
			r = run_result(&run, argv[0], status, e);
	}
	run_finish(&run);
	return r;
}
