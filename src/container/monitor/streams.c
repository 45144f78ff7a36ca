// The streams of a container in its monitor: output to the log and to clients, input from clients.
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "attach.h"
#include "base/clock.h"
#include "base/mem.h"
#include "clients.h"
#include "container/store/log.h"
#include "monitor.h"
#include "sys/pty.h"

enum { PENDING_MAX = 64 * 1024 };     // bytes of queued input
enum { LAST_READS = 256, LAST_MS = 100 }; // after the exit, as processes outside may still hold a pipe

static void close_source(struct source *s)
{
	auto_close_run(&s->fd);
	s->fd = -1;
}

static void read_output(struct monitor *m, struct source *s)
{
	char buffer[ATTACH_OUTPUT_MAX];
	ssize_t n = read(s->fd, buffer, sizeof(buffer));

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) { // EIO: the pty was closed by its last user
		close_source(s);
		return;
	}
	log_writer_add(&m->log, s->log, clock_wall(), buffer, (size_t)n);
	clients_send(&m->clients, s->type, buffer, (size_t)n);
}

int monitor_listen(struct monitor *m, const char *name)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	auto_close int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	// relative to this process's working directory, the container's
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", name);
	unlinkat(m->dir, name, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 || listen(fd, 8) < 0)
		return -errno;
	return steal_fd(&fd);
}

static int input_of(const struct monitor *m)
{
	int terminal = m->sources[SOURCE_TERMINAL].fd;

	return terminal >= 0 ? terminal : m->input;
}

// Writes as much input as possible without blocking. If nothing reads it any more, the rest is dropped.
static void push_input(struct monitor *m)
{
	ssize_t n = m->pending.length && input_of(m) >= 0 ? write(input_of(m), m->pending.text, m->pending.length) : 0;

	if (n > 0) {
		memmove(m->pending.text, m->pending.text + n, m->pending.length - (size_t)n);
		m->pending.length -= (size_t)n;
	}
	bool over = n < 0 && errno != EAGAIN && errno != EINTR;
	if (over || input_of(m) < 0)
		str_clear(&m->pending);
	if (m->input >= 0 && (over || (m->input_ends && !m->pending.length))) {
		close(m->input);
		m->input = -1;
	}
}

// The container gets a broken pipe.
static void close_stream(struct monitor *m, char type)
{
	for (int i = SOURCE_STDOUT; i < SOURCES; i++)
		if (m->sources[i].type == type) {
			m->sources[i].closed = true;
			close_source(&m->sources[i]);
		}
}

static void handle_size(struct monitor *m, const struct attach_frame *f)
{
	int terminal = m->sources[SOURCE_TERMINAL].fd;

	if (terminal >= 0)
		pty_set_size(terminal, (unsigned)f->payload[0] << 8 | f->payload[1],
		             (unsigned)f->payload[2] << 8 | f->payload[3]);
}

static void handle_input(struct monitor *m, const struct attach_frame *f)
{
	if (input_of(m) >= 0)
		str_add_bytes(&m->pending, f->payload, f->size);
}

static void handle_end(struct monitor *m, const struct attach_frame *f)
{
	(void)f;
	m->input_ends = m->input >= 0;
}

static void handle_closed(struct monitor *m, const struct attach_frame *f)
{
	close_stream(m, (char)f->payload[0]);
}

static const struct monitor_request requests[] = {
	{.type = ATTACH_INPUT, .handle = handle_input},
	{.type = ATTACH_SIZE, .handle = handle_size},
	{.type = ATTACH_END, .handle = handle_end},
	{.type = ATTACH_CLOSED, .foreground_only = true, .handle = handle_closed},
};

const struct monitor_request *monitor_request(size_t i)
{
	return i < ARRAY_SIZE(requests) ? &requests[i] : NULL;
}

void monitor_handle(void *context, const struct client *from, const struct attach_frame *f)
{
	struct monitor *m = context;

	for (size_t i = 0; i < ARRAY_SIZE(requests); i++)
		if (requests[i].type == f->type && (from->foreground || !requests[i].foreground_only))
			requests[i].handle(m, f);
	push_input(m);
}

// Another process may have renamed the container, or connected it to networks.
static void follow(struct monitor *m)
{
	monitor_follow_name(m);
	if (m->state.phase == RUN_RUNNING)
		monitor_follow_networks(m);
}

void monitor_read_signals(struct monitor *m)
{
	struct signalfd_siginfo info;
	pid_t pid;
	int status;

	while (read(m->signals, &info, sizeof(info)) == sizeof(info))
		if (info.ssi_signo == SIGTERM)
			follow(m);
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		if (pid == m->state.pid) {
			m->ended = true;
			m->status = status;
		} else if (!monitor_restore_network(m, pid, status)) {
			monitor_count_health(m, pid, status);
		}
}

// Output is left in the kernel while a client is behind.
void monitor_serve(struct monitor *m)
{
	enum { SIGNALS = SOURCES, INPUT, NETWORK, OWN, PROBE = OWN + CLIENTS_POLL, RELAY, ALL };
	int timeout = -1;
	int64_t now = clock_mono();
	bool behind = clients_are_behind(&m->clients, now, &timeout);
	struct pollfd p[ALL] = {0};
	nfds_t count = m->hold.relay ? ALL : m->probe ? RELAY : PROBE; // RLIMIT_NOFILE limits it

	monitor_wait_health(m, now, &timeout);
	if (m->wake && (timeout < 0 || clock_poll_ms(m->wake) < timeout))
		timeout = clock_poll_ms(m->wake);
	for (int i = 0; i < SOURCES; i++)
		p[i] = (struct pollfd){behind ? -1 : m->sources[i].fd, POLLIN, 0};
	p[SIGNALS] = (struct pollfd){m->signals, POLLIN, 0};
	p[INPUT] = (struct pollfd){m->pending.length ? input_of(m) : -1, POLLOUT, 0};
	p[NETWORK] = (struct pollfd){network_watch_poll(&m->watch, now, &timeout), POLLIN, 0};
	p[PROBE] = (struct pollfd){m->probe ? m->probe->output : -1, POLLIN, 0};
	p[RELAY] = (struct pollfd){relay_fd(m->hold.relay), POLLIN, 0};
	clients_poll(&m->clients, p + OWN, m->pending.length < PENDING_MAX, now);
	if (poll(p, count, timeout) < 0) {
		// RLIMIT_NOFILE was reduced (prlimit(1)), or memory is short: do not spin
		if (errno != EINTR)
			poll(NULL, 0, CLIENTS_REST);
		return;
	}
	for (int i = 0; i < SOURCES; i++)
		if (p[i].revents)
			read_output(m, &m->sources[i]);
	if (p[INPUT].revents)
		push_input(m);
	clients_serve(&m->clients, p + OWN, clock_mono(), monitor_handle, m);
	if (p[PROBE].revents)
		probe_read(m->probe);
	if (p[RELAY].revents)
		relay_serve(m->hold.relay);
	if (p[SIGNALS].revents)
		monitor_read_signals(m);
	monitor_serve_health(m, clock_mono());
	if (p[NETWORK].revents || network_watch_is_due(&m->watch, clock_mono()))
		network_watch_serve(&m->watch, clock_mono());
}

void monitor_rest(struct monitor *m, int64_t time)
{
	m->wake = clock_mono() + time;
	monitor_serve(m);
	m->wake = 0;
}

void monitor_drain(struct monitor *m)
{
	for (int i = 0; i < LAST_READS; i++) {
		struct pollfd p[SOURCES];
		int open = 0;

		for (int k = 0; k < SOURCES; k++) {
			p[k] = (struct pollfd){m->sources[k].fd, POLLIN, 0};
			open += m->sources[k].fd >= 0;
		}
		if (!open || poll(p, SOURCES, LAST_MS) <= 0)
			return;
		for (int k = 0; k < SOURCES; k++)
			if (p[k].revents)
				read_output(m, &m->sources[k]);
	}
}

void monitor_close_streams(struct monitor *m)
{
	for (int i = 0; i < SOURCES; i++)
		close_source(&m->sources[i]);
	auto_close_run(&m->input);
	m->input = -1;
	str_done(&m->pending);
	m->input_ends = false;
}
