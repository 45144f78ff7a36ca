// Connects this process's descriptors 0, 1 and 2 to the first process of a container, through its monitor. Output and
// input are independent: the detach key works while the terminal is blocked.
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "model/param.h"
#include "container/containers.h"
#include "container/monitor/attach.h"
#include "container/state/containers.h"
#include "container/state/view.h"
#include "container/state/view_monitor.h"
#include "container/store/record.h"
#include "container/store/store.h"
#include "sys/output.h"
#include "sys/pty.h"

enum { DETACH_KEY = 0x1d }; // Ctrl-]
#define MONITOR_CLEANUP (2 * SECOND) // how long a monitor may take to clean up

enum { LINE, INPUT, SIGNALS, OUT, ERRORS, POLLED };

struct connection {
	const char *name; // the container's
	int line;         // to its monitor
	bool plain;       // an older monitor, which sends unframed output
	bool terminal;    // the container has a terminal
	bool send_end;    // forward the end of standard input: the container's stdin is a pipe
	bool foreground;
	bool input;       // standard input is open and used
	struct str frames; // not yet sent
	unsigned char in[ATTACH_HEADER + ATTACH_OUTPUT_MAX];
	size_t have;
	struct output out, errors;
	bool closed[2];   // the monitor was told that the reader of OUT, ERRORS is gone
	bool ended;       // the monitor has closed the connection
	int status;       // the container's exit status, -1 = unknown
	bool detached;    // by the user
	int signal;       // the signal to exit with, 0 = none
	int result;
	struct err err;
};

static void add_frame(struct connection *c, char type, const void *payload, size_t n)
{
	unsigned char header[ATTACH_HEADER];

	attach_header(header, type, n);
	str_add_bytes(&c->frames, header, sizeof(header));
	str_add_bytes(&c->frames, payload, n);
}

static void add_size(struct connection *c)
{
	unsigned columns, rows;

	if (c->terminal && pty_get_size(STDIN_FILENO, &columns, &rows) == 0)
		add_frame(c, ATTACH_SIZE,
		          (const unsigned char[]){(unsigned char)(columns >> 8), (unsigned char)columns,
		                                  (unsigned char)(rows >> 8), (unsigned char)rows},
		          4);
}

static void push_frames(struct connection *c)
{
	ssize_t n = c->frames.length ? send(c->line, c->frames.text, c->frames.length, MSG_DONTWAIT | MSG_NOSIGNAL) : 0;

	if (n < 0 && errno != EAGAIN && errno != EINTR) // a lost connection is noticed when reading
		str_clear(&c->frames);
	if (n <= 0)
		return;
	memmove(c->frames.text, c->frames.text + n, c->frames.length - (size_t)n);
	c->frames.length -= (size_t)n;
}

static void read_keys(struct connection *c)
{
	char keys[ATTACH_PAYLOAD_MAX];
	ssize_t n = read(STDIN_FILENO, keys, sizeof(keys));
	bool typed = isatty(STDIN_FILENO);

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n <= 0) {
		c->input = false;
		if (c->send_end)
			add_frame(c, ATTACH_END, "", 0);
		c->detached = typed; // at the end of a pipe output continues
		return;
	}
	const char *leave = typed ? memchr(keys, DETACH_KEY, (size_t)n) : NULL;
	size_t length = leave ? (size_t)(leave - keys) : (size_t)n;
	if (length)
		add_frame(c, ATTACH_INPUT, keys, length);
	c->detached = leave != NULL;
}

// --- output ---

// Writes a message of hostel to standard error, so that it does not mix with the container's standard output.
static void add_notice(struct connection *c, const char *text)
{
	auto_free char *line =
	    mem_printf("%s[hostel: %s]%s", c->terminal ? "\r\n" : "", text, c->terminal ? "\r\n" : "\n");

	output_add(&c->errors, line, strlen(line));
}

static void show_skipped(struct connection *c, const struct attach_frame *f)
{
	unsigned long long count = 0;

	for (int i = 0; i < 8; i++)
		count = count << 8 | f->payload[i];
	auto_free char *text = mem_printf(
	    "%llu bytes skipped because this terminal was too slow; see 'hostel logs %s'", count, c->name);
	add_notice(c, text);
}

static void handle_frame(struct connection *c, const struct attach_frame *f)
{
	switch (f->type) {
	case ATTACH_STDOUT:
		output_add(&c->out, f->payload, f->size);
		break;
	case ATTACH_STDERR:
		output_add(&c->errors, f->payload, f->size);
		break;
	case ATTACH_SKIPPED:
		show_skipped(c, f);
		break;
	case ATTACH_EXIT:
		c->status = f->payload[0];
		break;
	case ATTACH_REFUSED:
		c->result = err_msg(&c->err, EBUSY, "container '%s': %.*s", c->name, (int)f->size, (const char *)f->payload);
		break;
	default:
		break;
	}
}

static bool is_waiting(const struct connection *c)
{
	return c->out.waiting.length || c->errors.waiting.length;
}

// Handles received frames until this process's own reader is behind.
static void handle_frames(struct connection *c)
{
	struct attach_frame f;
	int used = 0;

	while (!is_waiting(c) && (used = attach_parse(c->in, c->have, &f)) > 0) {
		handle_frame(c, &f);
		c->have -= (size_t)used;
		memmove(c->in, c->in + used, c->have);
	}
	if (used < 0)
		c->result = err_msg(&c->err, EPROTO, "container '%s': invalid data from its monitor", c->name);
}

static void read_frames(struct connection *c)
{
	ssize_t n = recv(c->line, c->in + c->have, sizeof(c->in) - c->have, MSG_DONTWAIT);

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n <= 0) {
		c->ended = true;
		return;
	}
	if (c->plain) {
		output_add(&c->out, c->in, (size_t)n);
		return;
	}
	c->have += (size_t)n;
	handle_frames(c);
}

// In the foreground the container gets a broken pipe; otherwise the connection ends when standard output is closed.
static void check_output(struct connection *c, const struct output *o, bool *closed, char stream)
{
	if (!o->error || *closed)
		return;
	*closed = true;
	if (c->foreground && !c->terminal)
		add_frame(c, ATTACH_CLOSED, &stream, 1);
	else if (stream == ATTACH_STDOUT)
		c->result = err_set(&c->err, o->error, "cannot write the output");
}

// --- event loop ---

// Signal handlers, since other threads of the process may not block signals. Without a terminal to restore, signals
// are left to the caller.
static const int handled[] = {SIGWINCH, SIGHUP, SIGINT, SIGQUIT, SIGTERM};
static int signal_pipe[2];

static void note_signal(int number)
{
	unsigned char byte = (unsigned char)number;
	int saved = errno;

	if (write(signal_pipe[1], &byte, 1) == 1)
		errno = saved;
}

static void read_signal(struct connection *c)
{
	unsigned char number;

	if (read(signal_pipe[0], &number, 1) != 1)
		return;
	if (number == SIGWINCH)
		add_size(c);
	else
		c->signal = number;
}

static void serve_connection(struct connection *c)
{
	struct pollfd p[POLLED] = {
		[LINE] = {c->ended ? -1 : c->line, (short)((is_waiting(c) ? 0 : POLLIN) | (c->frames.length ? POLLOUT : 0)),
		 0},
		[INPUT] = {c->input && c->frames.length < ATTACH_PAYLOAD_MAX ? STDIN_FILENO : -1, POLLIN, 0},
		[SIGNALS] = {signal_pipe[0], POLLIN, 0},
		[OUT] = output_poll(&c->out),
		[ERRORS] = output_poll(&c->errors),
	};

	if (is_waiting(c) && !c->frames.length)
		p[LINE].fd = -1; // its end is ignored while its last output is queued here
	if (poll(p, POLLED, -1) < 0)
		return;
	output_serve(&c->out, &p[OUT]);
	output_serve(&c->errors, &p[ERRORS]);
	handle_frames(c);
	if (p[LINE].revents & ~POLLOUT && !is_waiting(c))
		read_frames(c);
	if (p[INPUT].revents)
		read_keys(c);
	if (p[SIGNALS].revents)
		read_signal(c);
	check_output(c, &c->out, &c->closed[0], ATTACH_STDOUT);
	check_output(c, &c->errors, &c->closed[1], ATTACH_STDERR);
	push_frames(c);
}

static void run_connection(struct connection *c)
{
	while (c->result == 0 && !c->detached && !c->signal && !(c->ended && !is_waiting(c)))
		serve_connection(c);
}

// Reports the result to the user and returns the status.
static int connection_result(struct connection *c, struct err *e)
{
	auto_free char *back = mem_printf("detached; reattach with: hostel attach %s", c->name);

	if (c->result < 0) {
		*e = c->err;
		return c->result;
	}
	if (c->detached || c->signal) {
		add_notice(c, back);
		return c->signal ? 128 + c->signal : 0;
	}
	if (c->status < 0 && !c->plain)
		return err_msg(e, EIO, "container '%s': its monitor died", c->name);
	const struct output *failed = c->out.error && c->out.error != EPIPE ? &c->out : &c->errors;
	if (failed->error && failed->error != EPIPE) // for EPIPE the container gets a broken pipe, too
		return err_set(e, failed->error, "cannot write the output");
	return c->status < 0 ? 0 : c->status;
}

// Sets up the terminal: raw if the container has a terminal; else line by line, with Ctrl-] to detach. In the
// foreground without a terminal it is left as it is, including signals from keys. Returns whether there is something
// to restore.
static bool set_terminal(const struct connection *c, struct termios *saved)
{
	if (c->terminal)
		return pty_raw(STDIN_FILENO, saved) == 0;
	return !c->foreground && isatty(STDIN_FILENO) && pty_lines(STDIN_FILENO, DETACH_KEY, saved) == 0;
}

static void add_greeting(struct connection *c)
{
	auto_free char *text = mem_printf("attached to %s; Ctrl-] leaves", c->name);

	if (!c->foreground && isatty(STDIN_FILENO) && isatty(STDERR_FILENO))
		add_notice(c, text);
}

static void handle_signals(bool set, struct sigaction before[])
{
	struct sigaction action = {.sa_handler = note_signal, .sa_flags = SA_RESTART};

	for (size_t i = 0; i < ARRAY_SIZE(handled); i++) {
		sigaction(handled[i], NULL, &before[i]);
		if ((set || handled[i] == SIGWINCH) && before[i].sa_handler != SIG_IGN)
			sigaction(handled[i], &action, NULL);
	}
}

static void restore_signals(const struct sigaction before[])
{
	for (size_t i = 0; i < ARRAY_SIZE(handled); i++)
		sigaction(handled[i], &before[i], NULL);
}

static int connection_run(struct connection *c, struct err *e)
{
	struct termios saved;
	struct sigaction before[ARRAY_SIZE(handled)];

	if (pipe2(signal_pipe, O_CLOEXEC | O_NONBLOCK) < 0)
		return err_set(e, errno, "cannot create a pipe");
	bool set = set_terminal(c, &saved);
	handle_signals(set, before);
	output_open(&c->out, STDOUT_FILENO);
	output_open(&c->errors, STDERR_FILENO);
	add_size(c);
	push_frames(c);
	add_greeting(c);
	run_connection(c);
	if (set)
		pty_restore(STDIN_FILENO, &saved);
	restore_signals(before);
	int r = connection_result(c, e);
	output_done(&c->out);
	output_done(&c->errors);
	str_done(&c->frames);
	close(signal_pipe[0]);
	close(signal_pipe[1]);
	return r;
}

// Connects to the monitor of a container. Returns a descriptor, or -1 if it accepts no connection.
static int connect_to_monitor(struct containers *c, const char *name, bool *plain)
{
	auto_free char *directory = store_container_path(&c->store, name);
	auto_free char *path = mem_printf("%s/stream", directory);
	auto_free char *old = mem_printf("%s/attach", directory);
	int fd = fd_connect(path, NULL);

	*plain = fd < 0;
	return fd < 0 ? fd_connect(old, NULL) : fd;
}

// Attaches to a container that this process has just started in the foreground.
static int attach_foreground(struct foreground *f, struct err *e)
{
	auto_close int line = steal_fd(&f->line);
	auto_free struct connection *n = mem_new(sizeof(*n));

	*n = (struct connection){.name = f->name, .line = line, .status = -1, .foreground = true, .terminal = f->terminal};
	n->send_end = f->interactive && !f->terminal;
	n->input = n->terminal || n->send_end;
	return connection_run(n, e);
}

int containers_attach(struct containers *c, const char *name, struct err *e)
{
	if (c->foreground.line >= 0 && str_equal(c->foreground.name, name))
		return attach_foreground(&c->foreground, e);

	auto_view v = {.dir = -1};
	auto_free struct connection *n = mem_new(sizeof(*n));
	int r = view_open(&v, c, name, e);

	if (r == 0)
		r = view_refuse_stopped(&v, e);
	if (r < 0)
		return r;
	auto_close int line = connect_to_monitor(c, name, &n->plain);
	if (line < 0) // it has exited or is about to: show its log instead
		return view_wait_for_end(&v, MONITOR_CLEANUP)
		           ? containers_logs(c, name, NULL, e)
		           : err_msg(e, EIO, "the monitor of container '%s' does not respond", name);
	n->name = name;
	n->line = line;
	n->status = -1;
	n->terminal = record_has(&v.record, PARAM_TTY);
	n->send_end = record_has(&v.record, PARAM_INTERACTIVE) && !n->terminal;
	n->input = true;
	return connection_run(n, e);
}
