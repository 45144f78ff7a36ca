// The agent's loop: messages of the peer, timers and shutdown. Calls that may block are made in the threads of open.c,
// engines.c and jobs.c.
#include "state.h"

#include <errno.h>
#include <pwd.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>

#include "base/clock.h"
#include "base/mem.h"
#include "model/param.h"
#include "sys/proc.h"

static void catch_up(struct agent *a)
{
	for (size_t i = 0; i < a->engine_count; i++)
		if (a->engines[i].rows_lost && agent_backlog(a) < 1u << 20) {
			a->engines[i].rows_lost = false;
			atomic_store(&a->engines[i].resend, true);
		}
}

static void stop_threads(struct agent *a);

static void on_room(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer);
static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buffer);

// Stops reading from a peer that does not read its answers.
static void resume_reading(struct agent *a)
{
	if (a->full && !a->ending && agent_backlog(a) < WIRE_BACKLOG_MAX / 2) {
		a->full = false;
		uv_read_start((uv_stream_t *)&a->in, on_room, on_read);
	}
}

// A write has completed: there is room again, or the peer is gone.
static void on_room_to_write(struct agent *a, int status)
{
	if (status == 0) {
		catch_up(a);
		resume_reading(a);
	} else if (status != UV_ECANCELED) {
		stop_threads(a);
	}
}

static void send_error(struct agent *a, const char *text)
{
	json_t *message = wire_message("error");

	wire_set_text(message, "text", text);
	agent_send(a, message);
}

static void on_grace_over(uv_timer_t *timer)
{
	struct agent *a = timer->data;

	a->abandoned = true;
	uv_stop(&a->loop);
}

// Asks all threads to return; the loop ends when they have, or after two seconds.
static void stop_threads(struct agent *a)
{
	if (a->ending)
		return;
	a->ending = true;
	uv_read_stop((uv_stream_t *)&a->in);
	uv_timer_stop(&a->ticks);
	uv_timer_stop(&a->second);
	uv_timer_stop(&a->greeting);
	jobs_cancel_all(a);
	uv_mutex_lock(&a->lock);
	atomic_store(&a->stopping, true);
	uv_cond_broadcast(&a->changed);
	uv_mutex_unlock(&a->lock);
	for (size_t i = 0; i < a->engine_count; i++)
		if (a->engines[i].engine.ops)
			a->engines[i].engine.ops->wake(a->engines[i].engine.self);
	uv_timer_start(&a->grace, on_grace_over, 2000, 0);
	if (a->threads == 0)
		agent_finish(a);
}

static void on_wakeup(uv_async_t *async)
{
	struct agent *a = async->data;

	uv_mutex_lock(&a->lock);
	struct post *p = a->first;
	a->first = a->last = NULL;
	uv_mutex_unlock(&a->lock);
	while (p) {
		struct post *next = p->next;

		p->deliver(a, p);
		str_done(&p->text);
		free(p);
		p = next;
	}
}

// The simulated host of the first engine that has one; NULL: the workloads are on this host.
static const struct engine_host *simulated_host(const struct agent *a)
{
	for (size_t i = 0; i < a->engine_count; i++)
		if (a->engines[i].ops && a->engines[i].ops->simulates)
			return a->engines[i].ops->simulates;
	return NULL;
}

static void on_ticks(uv_timer_t *timer)
{
	struct agent *a = timer->data;
	struct proc_host host = {0};
	int64_t now = clock_mono();
	struct err e;

	uv_update_time(&a->loop);
	uv_timer_start(timer, on_ticks, (uint64_t)((agent_next_tick(now, a->interval) - now + MS - 1) / MS), 0);
	if (!simulated_host(a) && agent_backlog(a) < 1u << 20 && proc_host_read(&host, &e) == 0)
		agent_send(a, wire_host(now, &host));
}

static void on_second(uv_timer_t *timer)
{
	struct agent *a = timer->data;
	int64_t now = clock_mono();

	jobs_check(a, now);
	if (a->on_request && !a->jobs)
		uv_timer_stop(timer); // until the next request
	for (size_t i = 0; i < a->engine_count; i++)
		agent_engine_check(&a->engines[i], now, false);
}

static void subscribe(struct agent *a, const json_t *wants)
{
	struct err e;

	if (agent_subscribe(a, wants, &e) < 0) {
		send_error(a, e.text);
		return;
	}
	for (size_t i = 0; i < a->engine_count; i++)
		if (a->engines[i].engine.ops && !a->on_request)
			engine_subscribe(&a->engines[i]);
}

static void take_hello(struct agent *a, const json_t *message)
{
	int version = (int)wire_get_int(message, "version", 0, INT32_MAX, 0);

	if (version < 1) {
		send_error(a, "the hello has no version");
		return;
	}
	const json_t *wants = json_object_get(message, "wants");
	if (wants)
		subscribe(a, wants);
	uv_mutex_lock(&a->lock);
	bool late = a->peer_assumed || (a->peer_version && a->peer_version != version);
	a->peer_version = version;
	uv_cond_broadcast(&a->changed);
	uv_mutex_unlock(&a->lock);
	for (size_t i = 0; late && i < a->engine_count; i++) {
		atomic_store(&a->engines[i].resend, true);
		atomic_store(&a->engines[i].ids_lost, true);
	}
}

static void take_subscribe(struct agent *a, const json_t *message)
{
	subscribe(a, json_object_get(message, "wants"));
}

static void take_interval(struct agent *a, const json_t *message)
{
	int64_t ms = wire_get_int(message, "ms", 0, 3600 * 1000, -1);

	if (ms < 0 || (ms > 0 && ms < 50)) {
		send_error(a, "invalid interval (0, or 50 ms to 1 hour)");
		return;
	}
	uv_mutex_lock(&a->lock);
	a->interval = ms * MS;
	uv_cond_broadcast(&a->changed);
	uv_mutex_unlock(&a->lock);
	uv_timer_stop(&a->ticks);
	if (ms)
		uv_timer_start(&a->ticks, on_ticks, 0, 0);
}

static void take_refresh(struct agent *a, const json_t *message)
{
	(void)message;
	for (size_t i = 0; i < a->engine_count; i++)
		atomic_store(&a->engines[i].refresh, true);
}

static void take_ping(struct agent *a, const json_t *message)
{
	json_t *pong = wire_message("pong");

	json_object_set_new(pong, "stamp", json_integer(wire_get_int(message, "stamp", INT64_MIN, INT64_MAX, 0)));
	agent_send(a, pong);
}

static void take_error(struct agent *a, const json_t *message)
{
	(void)a, (void)message; // do not answer an error with an error: it would loop
}

static const struct {
	const char *type;
	void (*take)(struct agent *a, const json_t *message);
} messages[] = {
	{"hello", take_hello}, {"subscribe", take_subscribe},
	{"interval", take_interval}, {"refresh", take_refresh}, {"ping", take_ping},
	{"request", job_request}, {"cancel", job_cancel}, {"error", take_error},
};

static void handle_message(struct agent *a, const json_t *message)
{
	const char *type = wire_get_text(message, "type");

	for (size_t i = 0; i < ARRAY_SIZE(messages); i++)
		if (strcmp(messages[i].type, type) == 0) {
			messages[i].take(a, message);
			return;
		}
	auto_free char *text = mem_printf("unknown message '%.100s'", type);
	send_error(a, text);
}

static void take_all(struct agent *a)
{
	json_t *message;
	int r = 0;

	while (!a->ending && (r = wire_reader_next(&a->reader, &message, &a->broken)) > 0) {
		handle_message(a, message);
		json_decref(message);
	}
	if (r < 0) {
		send_error(a, a->broken.text);
		stop_threads(a);
	}
}

static void on_room(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
	(void)handle;
	*buffer = uv_buf_init(mem_new(suggested), (unsigned)suggested);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buffer)
{
	struct agent *a = stream->data;

	if (n > 0) {
		wire_reader_add(&a->reader, buffer->base, (size_t)n);
		take_all(a);
		if (agent_backlog(a) > WIRE_BACKLOG_MAX && !a->ending) {
			a->full = true;
			uv_read_stop(stream);
		}
	}
	free(buffer->base);
	if (n < 0)
		stop_threads(a);
}

static void on_term(uv_signal_t *signal, int number)
{
	(void)number;
	stop_threads(signal->data);
}

// PRETTY_NAME of os-release(5), unquoted. Owned by the caller.
static char *system_name(void)
{
	char buffer[4096];
	const char *key = "PRETTY_NAME=";

	if (proc_read_file("/etc/os-release", buffer, sizeof(buffer)) < 0)
		return NULL;
	for (char *line = strtok(buffer, "\n"); line; line = strtok(NULL, "\n"))
		if (str_starts(line, key)) {
			char *value = line + strlen(key) + strspn(line + strlen(key), "\"'");

			value[strcspn(value, "\"'")] = '\0';
			return mem_strdup(value);
		}
	return NULL;
}

static void describe_host(const struct agent *a, json_t *hello)
{
	auto_free char *system = system_name();
	struct utsname u = {0};
	const struct passwd *user = getpwuid(geteuid());
	const struct engine_host *simulated = simulated_host(a);

	uname(&u);
	wire_set_text(hello, "host", simulated ? simulated->name : u.nodename);
	wire_set_text(hello, "system", simulated ? simulated->system : system ? system : u.sysname);
	wire_set_text(hello, "kernel", simulated ? simulated->kernel : u.release);
	wire_set_text(hello, "machine", u.machine);
	wire_set_text(hello, "user", user ? user->pw_name : NULL);
	json_object_set_new(hello, "cpus", json_integer(simulated ? simulated->cpus : sysconf(_SC_NPROCESSORS_ONLN)));
}

// A client in the same process is on this host and needs no description of it: even looking up the user's name can
// query a server.
static void send_hello(struct agent *a)
{
	json_t *hello = wire_message("hello");

	json_object_set_new(hello, "version", json_integer(WIRE_VERSION));
	wire_set_text(hello, "program", a->program);
	if (!a->handover)
		describe_host(a, hello);
	json_object_set_new(hello, "clock", json_integer(clock_wall()));
	json_object_set_new(hello, "read-only", json_boolean(a->read_only));
	json_object_set_new(hello, "engines", json_integer((json_int_t)a->engine_count));
	agent_send(a, hello);
	for (size_t i = 0; i < a->engine_count; i++)
		agent_send(a, engine_message(&a->engines[i]));
}

static void on_opened(struct agent_engine *en);

// Engines are used after the hello, which names them.
static void greet(struct agent *a)
{
	if (a->greeted)
		return;
	a->greeted = true;
	uv_timer_stop(&a->greeting);
	send_hello(a);
	for (size_t i = 0; i < a->engine_count; i++)
		if (a->engines[i].engine.ops || a->engines[i].failure)
			on_opened(&a->engines[i]);
}

static void on_greeting_late(uv_timer_t *timer)
{
	greet(timer->data);
}

// Opening an engine that simulates a host sets the clock that the hello tells.
static bool is_clock_known(const struct agent *a)
{
	for (size_t i = 0; i < a->engine_count; i++)
		if (a->engines[i].opening && a->engines[i].ops->simulates)
			return false;
	return true;
}

static void on_opened(struct agent_engine *en)
{
	struct agent *a = en->agent;

	agent_engine_check(en, clock_mono(), en->failure != NULL);
	if (!a->greeted && is_clock_known(a)) {
		greet(a);
	} else if (a->greeted) {
		if (en->engine.ops && !a->on_request)
			engine_threads_start(en);
		jobs_engine_opened(en);
	}
}

static void prepare_engine(struct agent *a, struct agent_engine *en, const char *spec)
{
	*en = (struct agent_engine){.agent = a, .spec = mem_strdup(spec), .name = mem_strndup(spec, strcspn(spec, ":"))};
	en->ops = engine_find(en->name);
	en->kind = en->ops ? en->ops->kind : KIND_CONTAINER;
	uv_mutex_init(&en->lock);
	uv_mutex_init(&en->known_lock);
	en->sent = inventory_new();
	en->all = inventory_new();
}

// An engine that does not exist is reported at once.
static void refuse_unknown(struct agent_engine *en)
{
	struct err e = {0};

	if (en->ops || engine_open(&en->engine, en->spec, true, &e) == 0)
		return;
	en->failure = mem_strdup(e.text);
	en->trouble = mem_strdup(e.text);
}

static void prepare_engines(struct agent *a, const struct strv *given)
{
	auto_strv usual = {0}, all = {0};

	engine_add_defaults(&usual);
	strv_copy(&all, given && given->count ? given : &usual);
	a->jobs_where = mem_strdup(engine_jobs_where(&all));
	if (!a->on_request) // its client gives the engines it needs
		engine_add_jobs(&all, &all);
	const struct strv *specs = &all;
	a->engines = mem_array(specs->count, sizeof(*a->engines));
	for (size_t i = 0; i < specs->count; i++) {
		bool again = false;

		for (size_t j = 0; j < a->engine_count; j++)
			again |= strncmp(a->engines[j].name, specs->items[i], strcspn(specs->items[i], ":")) == 0;
		if (!again) // ids contain the engine: two with the same name would be ambiguous
			prepare_engine(a, &a->engines[a->engine_count++], specs->items[i]);
	}
	for (size_t i = 0; i < a->engine_count; i++)
		refuse_unknown(&a->engines[i]);
}

static void open_engines(struct agent *a)
{
	for (size_t i = 0; i < a->engine_count; i++)
		engine_begin(&a->engines[i]);
	if (is_clock_known(a))
		greet(a);
	else
		uv_timer_start(&a->greeting, on_greeting_late, AGENT_LATE * 1000, 0);
}

// Whether epoll can wait for FD: libuv aborts if it cannot.
static bool is_stream(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && (S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode));
}

static int open_stream(struct agent *a, uv_pipe_t *pipe, int fd, struct err *e)
{
	uv_pipe_init(&a->loop, pipe, 0);
	pipe->data = a;
	int r = uv_pipe_open(pipe, fd);
	if (r < 0)
		return err_msg(e, -r, "an agent's input and output must be pipes or sockets: %s", uv_strerror(r));
	return 0;
}

static int set_up(struct agent *a, int in, int out, struct err *e)
{
	int r = uv_loop_init(&a->loop);

	if (r < 0)
		return err_set(e, -r, "cannot create an event loop");
	uv_mutex_init(&a->lock);
	uv_cond_init(&a->changed);
	uv_async_init(&a->loop, &a->wakeup, on_wakeup);
	uv_timer_init(&a->loop, &a->ticks);
	uv_timer_init(&a->loop, &a->second);
	uv_timer_init(&a->loop, &a->grace);
	uv_timer_init(&a->loop, &a->greeting);
	uv_signal_init(&a->loop, &a->term);
	a->wakeup.data = a->ticks.data = a->second.data = a->grace.data = a->greeting.data = a->term.data = a;
	if (!a->on_request)
		uv_signal_start(&a->term, on_term, SIGTERM);
	a->one_handle = in == out;
	if (!is_stream(in))
		return err_msg(e, EINVAL,
		               "an agent's input must be a pipe or a socket (use 'hostel --" OPTION_HOST " MACHINE')");
	r = open_stream(a, &a->in, in, e);
	if (r == 0 && !a->one_handle)
		r = open_stream(a, &a->out, out, e);
	return r;
}

static void tear_down(struct agent *a)
{
	for (struct post *p = a->first; p;) {
		struct post *next = p->next;

		str_done(&p->text);
		free(p);
		p = next;
	}
	for (size_t i = 0; i < a->engine_count; i++) {
		engine_close(&a->engines[i].engine);
		free(a->engines[i].name);
		free(a->engines[i].spec);
		free(a->engines[i].failure);
		free(a->engines[i].trouble);
		free(a->engines[i].note);
		inventory_free(a->engines[i].sent);
		inventory_free(a->engines[i].all);
		subscription_done(&a->engines[i].listed);
		strv_done(&a->engines[i].known);
		uv_mutex_destroy(&a->engines[i].lock);
		uv_mutex_destroy(&a->engines[i].known_lock);
	}
	free(a->engines);
	free(a->jobs_where);
	subscription_done(&a->wanted);
	wire_reader_done(&a->reader);
	uv_mutex_destroy(&a->lock);
	uv_cond_destroy(&a->changed);
	uv_loop_close(&a->loop);
	free(a);
}

int agent_run(int in, int out, const struct agent_options *options, struct err *e)
{
	struct agent *a = mem_new(sizeof(*a));

	a->read_only = options->read_only;
	a->on_request = options->on_request;
	a->handover = options->handover;
	a->program = options->program;
	a->on_written = on_room_to_write;
	a->on_opened = on_opened;
	subscription_add_all(&a->wanted);
	signal(SIGPIPE, SIG_IGN);
	int r = set_up(a, in, out, e);
	if (r < 0) {
		agent_finish(a);
	} else {
		prepare_engines(a, options->engines);
		if (a->on_request) // engines are opened by the first request to them
			greet(a);
		else
			open_engines(a);
		uv_read_start((uv_stream_t *)&a->in, on_room, on_read);
		uv_timer_start(&a->second, on_second, 1000, 1000);
	}
	uv_run(&a->loop, UV_RUN_DEFAULT);
	if (r == 0 && a->broken.code) {
		*e = a->broken;
		r = -e->code;
	}
	if (!a->abandoned)
		tear_down(a);
	return r;
}
