// The link: starts an agent, runs the timer of the connection, handles its loss, and reconnects. Messages are
// handled in messages.c.
#include "state.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "model/id.h"

enum { READ_FAST = 10 };                      // seconds
static const int64_t READ_SLICE = SECOND / 500; // ns of work before yielding to others

static void connect_now(struct link *link);

static void conn_handle_closed(uv_handle_t *handle)
{
	struct conn *c = handle->data;

	if (--c->handles > 0)
		return;
	wire_reader_done(&c->reader);
	str_done(&c->errors);
	free(c);
}

static void conn_close_handle(struct conn *c, void *handle)
{
	(void)c;
	if (!uv_is_closing(handle))
		uv_close(handle, conn_handle_closed);
}

// Drops a connection: closes the pipes at once, asks the child to terminate, and reaps it later.
static void conn_drop(struct conn *c)
{
	c->link = NULL;
	conn_close_handle(c, &c->rest);
	conn_close_handle(c, &c->out);
	if (!c->one_handle)
		conn_close_handle(c, &c->in);
	if (c->has_err)
		conn_close_handle(c, &c->err);
	if (c->has_process && c->exited)
		conn_close_handle(c, &c->process);
	else if (c->has_process)
		uv_process_kill(&c->process, SIGTERM);
}

static int64_t retry_delay(int failures)
{
	static const int seconds[] = {1, 2, 4, 8, 15, 30};
	size_t last = ARRAY_SIZE(seconds) - 1;

	return seconds[(size_t)failures < last ? (size_t)failures : last] * SECOND;
}

static void on_retry(uv_timer_t *timer)
{
	connect_now(timer->data);
}

static bool may_retry(const struct link *link)
{
	return !link->once && !link->fixed && !link->closing;
}

void link_lose(struct link *link, const char *why)
{
	auto_free char *text = str_visible(why);
	struct conn *c = steal(link->conn);

	if (link->up && clock_mono() - link->up_since > 10 * SECOND)
		link->failures = 0;
	link->up = link->ready = false;
	link->tried = true;
	int64_t wait = may_retry(link) ? retry_delay(link->failures++) : -1;
	link->retry_at = wait < 0 ? -1 : clock_mono() + wait;
	if (c)
		conn_drop(c);
	messages_forget(link);
	if (wait >= 0)
		uv_timer_start(&link->retry, on_retry, (uint64_t)(wait / MS), 0);
	requests_fail(link, ECONNRESET, "connection lost before the answer arrived; the action may have been performed");
	if (link->on.on_lost)
		link->on.on_lost(link->context, text, wait);
}

static void on_room(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
	(void)handle;
	*buffer = uv_buf_init(mem_new(suggested), (unsigned)suggested);
}

// Handles all complete lines. Any of them may cause the link to be lost or closed.
static void take_lines(struct conn *c)
{
	json_t *message;
	struct err e = {0};

	while (c->link) {
		int r = wire_reader_next(&c->reader, &message, &e);
		if (r == 0)
			return;
		if (r > 0) {
			r = messages_take(c->link, message, &e);
			json_decref(message);
		}
		if (r < 0 && c->link) {
			auto_free char *why =
			    mem_printf("%s (incompatible hostel, or the remote shell prints something at login)", e.text);
			link_lose(c->link, why);
		}
	}
}

// The last line of the child's standard error.
static const char *last_words(struct conn *c)
{
	char *text = c->errors.text;

	while (c->errors.length && strchr("\r\n ", text[c->errors.length - 1]))
		text[--c->errors.length] = '\0';
	const char *newline = text ? strrchr(text, '\n') : NULL;
	return newline ? newline + 1 : text && *text ? text : NULL;
}

// 127 is "command not found" of the shell on the host.
static char *explain_exit(struct conn *c)
{
	const char *words = last_words(c);
	const char *who = c->link->host ? c->link->host : "the agent";

	if (c->link->host && c->status == 127)
		return mem_printf("hostel not found on '%s' (install it there, or set HOSTEL_REMOTE to its path)", who);
	if (words)
		return mem_strdup(words);
	if (c->signal)
		return mem_printf("%s was killed by signal %d", c->link->host ? "ssh" : who, c->signal);
	return mem_printf("the connection to %s ended (exit status %d)", who, (int)c->status);
}

static void lose_if_over(struct conn *c)
{
	if (!c->link || !c->ended || (c->has_process && !c->exited))
		return;
	auto_free char *why = explain_exit(c);
	link_lose(c->link, why);
}

static void keep_errors(struct conn *c, const char *bytes, size_t n)
{
	str_add_bytes(&c->errors, bytes, n);
	if (c->errors.length > 4096) {
		memmove(c->errors.text, c->errors.text + c->errors.length - 2048, 2049);
		c->errors.length = 2048;
	}
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buffer);

static void on_rested(uv_timer_t *timer)
{
	struct conn *c = timer->data;

	if (c->link && !c->ended)
		uv_read_start((uv_stream_t *)&c->out, on_room, on_read);
}

// Without a screen no keys are waiting. Else a flooding agent gets a quarter of this thread's time, and keys the
// rest; only the first lists are read at full speed, except for keys between two reads.
static void yield_to_keys(struct conn *c, int64_t worked)
{
	bool first = c->link && !c->link->ready && clock_mono() - c->link->up_since < READ_FAST * SECOND;

	if (!c->link || c->link->once || c->ended || worked < READ_SLICE)
		return;
	uv_read_stop((uv_stream_t *)&c->out);
	uv_timer_start(&c->rest, on_rested, first ? 0 : (uint64_t)(3 * worked / MS), 0);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buffer)
{
	struct conn *c = stream->data;

	if (n > 0 && c->link) {
		int64_t now = clock_mono();

		c->link->silent = 0;
		c->link->last_heard = now;
		wire_reader_add(&c->reader, buffer->base, (size_t)n);
		take_lines(c);
		yield_to_keys(c, clock_mono() - now);
	}
	free(buffer->base);
	if (n < 0) {
		c->ended = true;
		uv_read_stop(stream);
		lose_if_over(c);
	}
}

static void on_errors(uv_stream_t *stream, ssize_t n, const uv_buf_t *buffer)
{
	struct conn *c = stream->data;

	if (n > 0)
		keep_errors(c, buffer->base, (size_t)n);
	else if (n < 0)
		uv_read_stop(stream);
	free(buffer->base);
}

// Reads the rest of the pipe after the child has exited.
static void drain_errors(struct conn *c)
{
	char bytes[2048];
	int fd;

	if (!c->has_err || uv_is_closing((uv_handle_t *)&c->err) || uv_fileno((uv_handle_t *)&c->err, &fd) < 0)
		return;
	for (ssize_t n; (n = read(fd, bytes, sizeof(bytes))) > 0;)
		keep_errors(c, bytes, (size_t)n);
}

static void on_child_exit(uv_process_t *process, int64_t status, int signal)
{
	struct conn *c = process->data;

	c->exited = true;
	c->status = status;
	c->signal = signal;
	if (!c->link) {
		conn_close_handle(c, process);
		return;
	}
	drain_errors(c);
	lose_if_over(c);
}

static struct conn *conn_new(struct link *link)
{
	struct conn *c = mem_new(sizeof(*c));

	c->link = link;
	uv_timer_init(link->loop, &c->rest);
	c->rest.data = c;
	c->handles = 1;
	return c;
}

static void conn_pipe(struct conn *c, uv_pipe_t *pipe)
{
	uv_pipe_init(c->link->loop, pipe, 0);
	pipe->data = c;
	c->handles++;
}

static int conn_spawn(struct conn *c, char **argv)
{
	uv_stdio_container_t stdio[3] = {
		{.flags = UV_CREATE_PIPE | UV_READABLE_PIPE, .data.stream = (uv_stream_t *)&c->in},
		{.flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE, .data.stream = (uv_stream_t *)&c->out},
		{.flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE, .data.stream = (uv_stream_t *)&c->err},
	};
	uv_process_options_t options = {
	    .exit_cb = on_child_exit, .file = argv[0], .args = argv, .stdio = stdio, .stdio_count = 3};

	conn_pipe(c, &c->in);
	conn_pipe(c, &c->out);
	conn_pipe(c, &c->err);
	c->has_err = c->has_process = true;
	c->process.data = c;
	c->handles++;
	int r = uv_spawn(c->link->loop, &c->process, &options);
	if (r < 0)
		c->exited = true; // its handle must be closed anyway
	return r;
}

static void conn_listen(struct conn *c)
{
	uv_read_start((uv_stream_t *)&c->out, on_room, on_read);
	if (c->has_err)
		uv_read_start((uv_stream_t *)&c->err, on_room, on_errors);
}

static void connect_now(struct link *link)
{
	auto_strv argv = {0};

	uv_timer_stop(&link->retry);
	link->retry_at = 0;
	link->silent = 0;
	command_agent(link, link->tried, &argv);
	link->conn = conn_new(link);
	int r = conn_spawn(link->conn, argv.items);
	if (r == 0) {
		conn_listen(link->conn);
		link_send_hello(link);
		return;
	}
	auto_free char *why = mem_printf("cannot run '%s': %s%s", argv.items[0], uv_strerror(r),
	                                 link->host && r == UV_ENOENT ? " (install openssh-client)" : "");
	link_lose(link, why);
}

static void send_ping(struct link *link)
{
	json_t *ping = wire_message("ping");

	json_object_set_new(ping, "stamp", json_integer(clock_mono()));
	link_send(link, ping);
}

// Counts seconds instead of using a clock, so that none pass while the program is stopped (Ctrl-Z).
static void on_second(uv_timer_t *timer)
{
	struct link *link = timer->data;
	bool asks = link->host && !link->tried; // the user may be typing a password

	requests_check(link, clock_mono());
	if (!link->conn)
		return;
	link->silent++;
	messages_check(link);
	if (link->conn->stuffed) {
		auto_free char *why = mem_printf("the agent does not respond: %d MiB are queued", WIRE_BACKLOG_MAX >> 20);
		link_lose(link, why);
	} else if (link->conn->ended && link->silent > 2) {
		link_lose(link, "connection closed");
	} else if (link->up && link->silent > LINK_SILENCE) {
		link_lose(link, "no response for 15 seconds");
	} else if (!link->up && !asks && link->silent > LINK_FIRST_WORD) {
		link_lose(link, "timeout: the agent sent no greeting");
	} else if (link->up && (link->silent > 1 || link->round_trip < 0 || clock_mono() / SECOND % 2 == 0)) {
		link->tried = true;
		send_ping(link);
	}
}

static struct link *link_new(uv_loop_t *loop, const char *name, const struct link_options *options,
                             const struct link_callbacks *callbacks, void *context)
{
	static const struct link_options usual = {.interval = SECOND};
	struct link *link = mem_new(sizeof(*link));

	options = options ? options : &usual;
	link->loop = loop;
	link->on = callbacks ? *callbacks : (struct link_callbacks){0};
	link->context = context;
	link->name = mem_strdup(name);
	for (const char *const *spec = options->engines; spec && *spec; spec++)
		strv_add(&link->engines_wanted, *spec);
	link->read_only = options->read_only;
	link->once = options->once;
	link->handover = options->handover;
	link->interval = options->interval;
	link->subscribed = options->wants;
	if (options->wants)
		subscription_copy(&link->wants, options->wants);
	link->round_trip = -1;
	link->inv = inventory_new();
	uv_timer_init(loop, &link->second);
	uv_timer_init(loop, &link->retry);
	link->handles = 2;
	link->second.data = link->retry.data = link;
	uv_timer_start(&link->second, on_second, 1000, 1000);
	return link;
}

// Called for each change of the inventory.
static void on_inventory(void *context, enum change_kind kind, const struct item *item)
{
	struct link *link = context;

	if (kind == CHANGE_REMOVED && !link->handover) // data of a handover was never counted
		messages_row_gone(link, item);
	if (link->on.on_change)
		link->on.on_change(link->context, kind, item);
}

static char *own_program(const char *given)
{
	char path[4096];
	ssize_t n = given ? -1 : readlink("/proc/self/exe", path, sizeof(path) - 1);

	return given ? mem_strdup(given) : n > 0 ? mem_strndup(path, (size_t)n) : mem_strdup("hostel");
}

int link_open_local(struct link **out, uv_loop_t *loop, const struct link_options *options,
                    const struct link_callbacks *callbacks, void *context, struct err *e)
{
	struct link *link = link_new(loop, ID_HERE, options, callbacks, context);

	(void)e;
	signal(SIGPIPE, SIG_IGN);
	inventory_on_change(link->inv, on_inventory, link);
	link->program = own_program(options ? options->program : NULL);
	uv_timer_start(&link->retry, on_retry, 0, 0); // deferred, so that every callback comes from the loop
	*out = link;
	return 0;
}

int link_open_ssh(struct link **out, uv_loop_t *loop, const char *host, const struct link_options *options,
                  const struct link_callbacks *callbacks, void *context, struct err *e)
{
	int r = command_check_host(host, e);

	if (r < 0)
		return r;
	r = link_open_local(out, loop, options, callbacks, context, e);
	if (r < 0)
		return r;
	free((*out)->name);
	(*out)->name = mem_strdup(host);
	(*out)->host = mem_strdup(host);
	(*out)->control = command_control_options(host);
	return 0;
}

int link_open_fds(struct link **out, uv_loop_t *loop, const char *name, int in, int fd_out,
                  const struct link_options *options, const struct link_callbacks *callbacks, void *context,
                  struct err *e)
{
	struct link *link = link_new(loop, name, options, callbacks, context);

	signal(SIGPIPE, SIG_IGN);
	inventory_on_change(link->inv, on_inventory, link);
	link->program = own_program(options ? options->program : NULL);
	link->fixed = true;
	struct conn *c = link->conn = conn_new(link);
	c->one_handle = in == fd_out;
	conn_pipe(c, &c->out);
	if (!c->one_handle)
		conn_pipe(c, &c->in);
	int r = uv_pipe_open(&c->out, in);
	if (r == 0 && !c->one_handle)
		r = uv_pipe_open(&c->in, fd_out);
	if (r < 0) {
		link_close(link);
		return err_set(e, -r, "cannot use the connection's descriptors");
	}
	conn_listen(c);
	link_send_hello(link);
	*out = link;
	return 0;
}

static void link_handle_closed(uv_handle_t *handle)
{
	struct link *link = handle->data;

	if (--link->handles > 0)
		return;
	inventory_free(link->inv);
	strv_done(&link->engines_wanted);
	subscription_done(&link->wants);
	free(link->name);
	free(link->host);
	free(link->program);
	free(link->control);
	free(link);
}

void link_close(struct link *link)
{
	if (!link || link->closing)
		return;
	link->closing = true;
	link->up = false;
	struct conn *c = steal(link->conn);
	if (c)
		conn_drop(c);
	inventory_on_change(link->inv, NULL, NULL);
	messages_forget(link);
	requests_fail(link, ECANCELED, "connection closed");
	link->on = (struct link_callbacks){0};
	uv_close((uv_handle_t *)&link->second, link_handle_closed);
	uv_close((uv_handle_t *)&link->retry, link_handle_closed);
}

const char *link_name(const struct link *link)
{
	return link->name;
}

const struct inventory *link_inventory(const struct link *link)
{
	return link->inv;
}

const struct link_engine *link_engine(const struct link *link, size_t index)
{
	return index < link->engine_count ? &link->engines[index].engine : NULL;
}

bool link_is_up(const struct link *link)
{
	return link->up;
}

int64_t link_round_trip(const struct link *link)
{
	return link->round_trip;
}

int64_t link_last_heard(const struct link *link)
{
	return link->last_heard;
}

int64_t link_retry_in(const struct link *link)
{
	if (link->retry_at <= 0)
		return link->retry_at;
	int64_t left = link->retry_at - clock_mono();
	return left > 0 ? left : 0;
}

void link_retry(struct link *link)
{
	if (!link->conn && !link->fixed && !link->closing)
		uv_timer_start(&link->retry, on_retry, 0, 0);
}
