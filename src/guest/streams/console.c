// Connects a guest's serial console to this process's terminal. libvirt's event loop thread serves the stream but only
// wakes the reader; all reading and writing happens here.
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <termios.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "model/param.h"
#include "guest/connection/call.h"
#include "guest/connection/guests.h"
#include "guest/definition/facts.h"
#include "guest/guests.h"
#include "guest/vir/error.h"
#include "guest/vir/vir.h"
#include "sys/pty.h"
#include "sys/write.h"

enum { LEAVE = 0x1d, KEYS = 1024 }; // LEAVE is Ctrl-]

struct console {
	virStreamPtr stream;
	int bell; // eventfd(2)
	char keys[KEYS]; // not yet sent to the guest
	size_t key_count;
	bool input; // standard input is not at its end
	bool tty;
};

// The event loop would call this continuously while there is something to read, so it disables itself until
// console_relay() has read the eventfd.
static void on_stream_event(virStreamPtr stream, int events, void *context)
{
	const int *bell = context;

	(void)events;
	vir.StreamEventUpdateCallback(stream, 0);
	eventfd_write(*bell, 1);
}

static void console_listen(struct console *c)
{
	vir.StreamEventUpdateCallback(c->stream, VIR_STREAM_EVENT_READABLE | VIR_STREAM_EVENT_HANGUP |
	                                             VIR_STREAM_EVENT_ERROR |
	                                             (c->key_count ? VIR_STREAM_EVENT_WRITABLE : 0));
}

// Returns 1 to continue, 0 when the guest stops.
static int copy_output(struct console *c, struct err *e)
{
	char room[16384];
	int n;

	while ((n = vir.StreamRecv(c->stream, room, sizeof(room))) > 0) {
		int r = write_output(STDOUT_FILENO, room, (size_t)n, e);
		if (r < 0)
			return r == -EPIPE ? 0 : r;
	}
	if (n == -2)
		return 1;
	return n == 0 ? 0 : guest_error(e, "the console broke off");
}

static int send_keys(struct console *c, struct err *e)
{
	while (c->key_count) {
		int n = vir.StreamSend(c->stream, c->keys, c->key_count);
		if (n == -2)
			return 1;
		if (n < 0)
			return guest_error(e, "the console broke off");
		memmove(c->keys, c->keys + n, c->key_count - (size_t)n);
		c->key_count -= (size_t)n;
	}
	return 1;
}

// Returns 1 to continue, 0 when the user leaves.
static int read_keys(struct console *c, struct err *e)
{
	size_t room = c->key_count < KEYS ? KEYS - c->key_count : 0;
	ssize_t n = read(STDIN_FILENO, c->keys + c->key_count, room);

	if (n < 0)
		return errno == EINTR || errno == EAGAIN ? 1 : err_set(e, errno, "cannot read the keyboard");
	if (n == 0) {
		c->input = false; // the end of a pipe is not the end of the output
		return c->tty ? 0 : 1;
	}
	const char *leave = c->tty ? memchr(c->keys + c->key_count, LEAVE, (size_t)n) : NULL;
	c->key_count = leave ? (size_t)(leave - c->keys) : c->key_count + (size_t)n;
	int r = send_keys(c, e);
	return leave && r > 0 ? 0 : r;
}

static int console_relay(struct console *c, struct err *e)
{
	eventfd_t count;
	int r = copy_output(c, e);

	while (r > 0) {
		console_listen(c);
		struct pollfd p[] = {
			{c->bell, POLLIN, 0},
			{c->input && c->key_count < KEYS ? STDIN_FILENO : -1, POLLIN, 0},
			{STDOUT_FILENO, 0, 0},
		};
		if (poll(p, 3, -1) < 0 && errno != EINTR)
			return err_set(e, errno, "cannot wait for the console");
		if (p[2].revents & (POLLERR | POLLHUP)) // the terminal or the reader has gone
			return 0;
		if (p[1].revents)
			r = read_keys(c, e);
		if (r > 0 && p[0].revents && eventfd_read(c->bell, &count) == 0) {
			r = send_keys(c, e);
			r = r > 0 ? copy_output(c, e) : r;
		}
	}
	return r;
}

// --- choosing a console ---

static bool is_connectable(const struct domain_line *l)
{
	return str_equal(l->type, "pty");
}

// "serial0 (pty), serial1 (tcp 127.0.0.1:4555: socat - TCP:127.0.0.1:4555)". WITH_WAYS: also how to reach consoles
// that libvirt cannot connect.
static void describe_lines(struct str *out, const struct domain_facts *f, bool with_ways)
{
	for (size_t i = 0; i < f->line_count; i++) {
		const struct domain_line *l = &f->lines[i];
		const char *reach = with_ways && l->reach ? l->reach : "";
		size_t n = strcspn(reach, "%");

		str_addf(out, "%s%s (%s%s%s", out->length ? ", " : "", l->alias, l->type ? l->type : "unknown type",
		         l->leads && !is_connectable(l) ? " " : "", l->leads && !is_connectable(l) ? l->leads : "");
		str_addf(out, "%s%.*s%s%s)", *reach ? ": " : "", (int)n, reach, reach[n] && l->leads ? l->leads : "",
		         reach[n] ? reach + n + 1 : "");
	}
}

static const struct domain_line *find_line(const struct domain_facts *f, const char *alias)
{
	for (size_t i = 0; i < f->line_count; i++)
		if (alias ? str_equal(f->lines[i].alias, alias) : is_connectable(&f->lines[i]))
			return &f->lines[i];
	return NULL;
}

// The console with ALIAS, or the first that libvirt can connect. NULL, with E, if there is none.
static const struct domain_line *choose_line(const struct domain_facts *f, const char *name, const char *alias,
                                             struct err *e)
{
	const struct domain_line *line = find_line(f, alias);
	auto_str all = {0};

	if (line && is_connectable(line))
		return line;
	describe_lines(&all, f, true);
	if (!f->line_count)
		err_msg(
		    e, EOPNOTSUPP,
		    "cannot open the console of guest '%s': it has none (add <serial type='pty'/> to its devices: virsh edit "
		    "%s; then stop and start it)",
		    name, name);
	else if (alias && !line)
		err_msg(e, ENOENT, "cannot open console '%s' of guest '%s': it has no such console (consoles: %s)", alias,
		        name, all.text);
	else
		err_msg(e, EOPNOTSUPP,
		        "cannot open the console of guest '%s': libvirt connects only type pty (consoles: %s)", name,
		        all.text);
	return NULL;
}

// A serial port cannot pass on the size of the terminal.
static void print_greeting(const char *name, const char *others)
{
	unsigned columns = 0, rows = 0;

	if (!isatty(STDERR_FILENO))
		return;
	pty_get_size(STDIN_FILENO, &columns, &rows);
	auto_free char *safe = str_visible(name);
	dprintf(STDERR_FILENO,
	        "Console of '%s'. Leave with Ctrl-]. To set the terminal size in the guest: stty rows %u cols %u\n",
	        safe, rows, columns);
	if (*others)
		dprintf(STDERR_FILENO, "Consoles: %s. Choose one with --" PARAM_DEVICE "\n", others);
}

static int report_open_refused(const char *name, struct err *e)
{
	int r = guest_error(e, "cannot open the console of guest '%s'", name);

	if (e && strstr(e->text, "Active console session exists"))
		r = err_msg(e, EBUSY, "the console of guest '%s' is in use by another client (--" PARAM_TAKE " takes it over)",
		            name);
	return r;
}

static int console_attach(struct console *c, const char *name, const char *others, struct err *e)
{
	struct termios saved;
	bool raw = c->tty && pty_raw(STDIN_FILENO, &saved) == 0;

	print_greeting(name, others);
	int r = console_relay(c, e);
	if (raw)
		pty_restore(STDIN_FILENO, &saved);
	vir.StreamEventRemoveCallback(c->stream);
	if (r < 0)
		vir.StreamAbort(c->stream);
	else
		vir.StreamFinish(c->stream);
	if (raw && isatty(STDERR_FILENO))
		dprintf(STDERR_FILENO, "\n");
	return r;
}

static int open_line(struct call *call, const struct params *p, struct console *c, struct str *others, struct err *e)
{
	unsigned flags =
	    p && str_equal(params_get(p, PARAM_TAKE), "yes") ? VIR_DOMAIN_CONSOLE_FORCE : VIR_DOMAIN_CONSOLE_SAFE;
	struct domain_facts f = {0};
	int r = domain_read_facts(call->domain, 0, &f, NULL, e);
	const struct domain_line *line =
	    r == 0 ? choose_line(&f, call->name, p ? params_get(p, PARAM_DEVICE) : NULL, e) : NULL;

	if (line && f.line_count > 1)
		describe_lines(others, &f, false);
	c->stream = line ? vir.StreamNew(call->conn, VIR_STREAM_NONBLOCK) : NULL;
	if (line && (!c->stream || vir.DomainOpenConsole(call->domain, line->alias, c->stream, flags) < 0))
		r = report_open_refused(call->name, e);
	else if (!line && r == 0)
		r = -e->code;
	domain_facts_done(&f);
	return r;
}

static int console_run(struct call *call, const struct params *p, struct err *e)
{
	struct console c = {.input = true, .tty = isatty(STDIN_FILENO), .bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
	auto_str others = {0};
	int r = 0;

	if (c.bell < 0)
		return err_set(e, errno, "cannot create an eventfd");
	if (vir.DomainIsActive(call->domain) == 0)
		r = err_msg(e, ESRCH, "guest '%s' is not running: start it first", call->name);
	r = r < 0 ? r : open_line(call, p, &c, &others, e);
	if (r == 0 && vir.StreamEventAddCallback(c.stream, 0, on_stream_event, &c.bell, NULL) < 0)
		r = guest_error(e, "cannot read the console of guest '%s'", call->name);
	if (r == 0)
		r = console_attach(&c, call->name, str_text(&others), e);
	if (c.stream)
		vir.StreamFree(c.stream);
	close(c.bell);
	return r;
}

// If the connection is lost, the stream ends with an error.
int guests_console(struct guests *g, const char *uuid, const struct params *p, struct err *e)
{
	struct call call;
	int r = call_begin(&call, g, uuid, e);

	if (r < 0)
		return r;
	r = console_run(&call, p, e);
	call_end(g, &call);
	return r;
}
