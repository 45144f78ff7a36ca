// SPDX-License-Identifier: LGPL-2.1-or-later
// Waiting in the foreground: relays signals to the container's process, and the terminal's input and output.
#include "relay.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "base/mem.h"
#include "bunk/container/container.h"
#include "notify.h"
#include "sys/pty.h"
#include "sys/write.h"

// Signals that are not relayed: errors, job control, and SIGCHLD, since a pidfd is polled.
static const int kept[] = {SIGSEGV, SIGBUS,  SIGFPE,  SIGILL,  SIGABRT, SIGTRAP, SIGSYS,
                           SIGPIPE, SIGCHLD, SIGTSTP, SIGTTIN, SIGTTOU, SIGCONT, SIGURG};

static void relayed_signals(sigset_t *set)
{
	sigfillset(set);
	for (size_t i = 0; i < ARRAY_SIZE(kept); i++)
		sigdelset(set, kept[i]);
}

// Signals that interrupt this process until the container is running.
static const int ending[] = {SIGTERM, SIGINT, SIGHUP, SIGQUIT};

void relay_block(struct container *c)
{
	sigset_t set;

	relayed_signals(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
	sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_SIZE(ending); i++)
		sigaddset(&set, ending[i]);
	c->interrupt = signalfd(-1, &set, SFD_CLOEXEC);
}

int relay_interrupted(const struct container *c, int fd, int timeout, struct err *e)
{
	struct pollfd fds[] = {{.fd = fd, .events = POLLIN}, {.fd = c->interrupt, .events = POLLIN}};

	if (c->interrupt < 0)
		return 0;
	while (poll(fds, ARRAY_SIZE(fds), timeout) < 0)
		if (errno != EINTR)
			return err_set(e, errno, "cannot wait for the container's process");
	return fds[1].revents && !fds[0].revents
	           ? err_msg(e, EINTR, "interrupted by a signal before the container was running")
	           : 0;
}

enum { RETRY = 20 }; // milliseconds; one cannot poll for room in the queue of a listening socket (connect(2), EAGAIN)

int relay_connect(const struct container *c, const char *path, struct err *e)
{
	int r = 0, fd = -1;

	if (c->interrupt < 0)
		return fd_connect(path, e);
	while (r == 0 && (fd = fd_connect_now(path, e)) == -EAGAIN)
		r = relay_interrupted(c, -1, RETRY, e);
	return r < 0 ? r : fd;
}

int relay_console(struct container *c, const char *path, bool detach, int pair[2], struct err *e)
{
	if (!c->config.process.terminal)
		return 0;
	if (path) {
		c->console = fd_connect(path, e);
		return c->console < 0 ? c->console : 0;
	}
	if (detach)
		return err_msg(
		    e, EINVAL,
		    "a terminal (config.json's process.terminal, or --tty) needs --console-socket when detached");
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return err_set(e, errno, "cannot create a socket pair");
	c->console = pair[1];
	return 0;
}

int relay_master(int socket, struct err *e)
{
	char text[64];
	int fd = fd_receive(socket, text, sizeof(text));

	return fd < 0 ? err_set(e, -fd, "cannot receive the container's terminal") : fd;
}

enum { DRAIN_TIMEOUT = 200 }; // milliseconds
enum { SIGNALS, PROCESS, INPUT, MASTER, NOTIFY, WATCHED };

struct relay {
	struct container *c;
	int pidfd, master;
	char to_master[4096]; // input not written yet
	size_t waiting;
	bool input_ended;
	bool started; // signals go to the container
	struct pollfd fds[WATCHED];
};

static void resize_terminal(const struct relay *r)
{
	unsigned columns, rows;

	if (r->master >= 0 && pty_get_size(0, &columns, &rows) == 0)
		pty_set_size(r->master, columns, rows);
}

static void forward_signal(const struct relay *r)
{
	struct signalfd_siginfo info;

	if (read(r->fds[SIGNALS].fd, &info, sizeof(info)) != (ssize_t)sizeof(info))
		return;
	if (info.ssi_signo == SIGWINCH && r->master >= 0)
		resize_terminal(r);
	else
		pidfd_send_signal(r->pidfd, (int)info.ssi_signo, NULL, 0);
}

// Until a child that starts without `start` is ready, terminating signals are for this process. Checked only when a
// signal arrives, so that the start itself does not wake this process.
static int check_started(struct relay *r, struct err *e)
{
	int result = r->started ? 0 : relay_interrupted(r->c, r->c->sync[0], -1, e);

	r->started = result == 0;
	return result;
}

// The reader of the output has gone: hangs up the container's terminal, like a lost connection.
static void hang_up(struct relay *r)
{
	close(r->master);
	r->master = r->fds[MASTER].fd = -1;
}

// Returns false if there is nothing more to read for now, or the terminal is closed.
static bool master_to_output(struct relay *r)
{
	char buffer[16384];
	ssize_t n = read(r->master, buffer, sizeof(buffer));

	if (n < 0 && errno == EINTR)
		return true;
	if (n <= 0) {
		if (n == 0 || errno != EAGAIN)
			r->fds[MASTER].fd = -1; // EIO: all processes have closed the terminal
		return false;
	}
	if (write_all(STDOUT_FILENO, buffer, (size_t)n) < 0)
		hang_up(r);
	return r->master >= 0;
}

static void input_to_master(struct relay *r)
{
	static const char end_of_file = 4; // ^D
	ssize_t n = read(0, r->to_master, sizeof(r->to_master));

	if (n > 0) {
		r->waiting = (size_t)n;
		return;
	}
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	r->input_ended = true;
	r->to_master[0] = end_of_file;
	r->waiting = 1;
}

static void flush_input(struct relay *r)
{
	ssize_t n = write(r->master, r->to_master, r->waiting);

	if (n > 0) {
		r->waiting -= (size_t)n;
		memmove(r->to_master, r->to_master + n, r->waiting);
	} else if (n < 0 && errno != EAGAIN && errno != EINTR) {
		r->waiting = 0;
	}
}

// Reads the last output: the kernel may deliver it only after its writer has exited, and reports the end after that.
// Remaining processes that hold the terminal delay this only for DRAIN_TIMEOUT.
static void drain_terminal(struct relay *r)
{
	struct pollfd *master = &r->fds[MASTER];

	master->events = POLLIN;
	while (master->fd >= 0 && poll(master, 1, DRAIN_TIMEOUT) > 0)
		master_to_output(r);
}

static int relay_loop(struct relay *r, struct err *e)
{
	for (;;) {
		int result;

		r->fds[INPUT].fd = r->master >= 0 && !r->input_ended && !r->waiting ? 0 : -1;
		r->fds[MASTER].events = (short)(POLLIN | (r->waiting ? POLLOUT : 0));
		if (poll(r->fds, WATCHED, -1) < 0)
			continue;
		if (r->fds[SIGNALS].revents && (result = check_started(r, e)) < 0)
			return result;
		if (r->fds[SIGNALS].revents)
			forward_signal(r);
		if (r->fds[MASTER].revents & POLLOUT)
			flush_input(r);
		if (r->fds[INPUT].revents)
			input_to_master(r);
		if (r->fds[MASTER].revents & (POLLIN | POLLHUP | POLLERR))
			master_to_output(r);
		if (r->fds[NOTIFY].revents)
			notify_relay(r->c, 0);
		if (r->fds[PROCESS].revents)
			break;
	}
	while (notify_relay(r->c, 0))
		;
	drain_terminal(r);
	return 0;
}

static int exit_status(pid_t pid, struct err *e)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return err_set(e, errno, "cannot wait for process %d", pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int relay_wait(struct container *c, pid_t pid, int pidfd, int *master, struct err *e)
{
	struct relay r = {.c = c, .pidfd = pidfd, .master = *master, .started = !c->self_start};
	struct termios saved;
	sigset_t set;

	relayed_signals(&set);
	auto_close int signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (pidfd < 0 || signals < 0)
		return err_set(e, errno, "cannot watch the container's process");
	r.fds[SIGNALS] = (struct pollfd){.fd = signals, .events = POLLIN};
	r.fds[PROCESS] = (struct pollfd){.fd = pidfd, .events = POLLIN};
	r.fds[INPUT] = (struct pollfd){.fd = -1, .events = POLLIN};
	r.fds[MASTER] = (struct pollfd){.fd = *master, .events = POLLIN};
	r.fds[NOTIFY] = (struct pollfd){.fd = c->notify, .events = POLLIN};
	bool raw = *master >= 0 && pty_raw(0, &saved) == 0;
	if (*master >= 0) {
		fcntl(*master, F_SETFL, fcntl(*master, F_GETFL) | O_NONBLOCK);
		resize_terminal(&r);
	}
	int result = relay_loop(&r, e);
	*master = r.master;
	if (raw)
		pty_restore(0, &saved);
	return result < 0 ? result : exit_status(pid, e);
}
