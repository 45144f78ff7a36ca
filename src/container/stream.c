// Connecting a terminal or a pipe to a container: its log, its first process, one more process. Uses the caller's descriptors 0, 1 and 2.
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <jansson.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/units.h"
#include "container/account.h"
#include "container/attach.h"
#include "container/log.h"
#include "parts.h"
#include "sys/proc.h"
#include "sys/pty.h"

enum { LEAVE = 0x1d }; // Ctrl-]
#define ENDING INT64_C(2000000000) // ns a monitor may take to put its things away

static int put(int fd, const char *bytes, size_t n, struct err *e)
{
	while (n) {
		ssize_t done = write(fd, bytes, n);
		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return err_set(e, errno, "cannot write the output");
		bytes += done;
		n -= (size_t)done;
	}
	return 0;
}

// --- the log ---

// How records leave: those of standard error there, if SPLIT; as JSON lines; made harmless for a terminal.
struct log_output {
	bool timestamps, split, json, visible;
	bool inside[2];  // a line of stdout, stderr is not at its end
	int fd;          // where TEXT goes
	struct str text;
	int result;
	struct err err;
};

static void flush_output(struct log_output *o)
{
	if (o->result == 0 && o->text.length)
		o->result = put(o->fd, o->text.text, o->text.length, &o->err);
	str_clear(&o->text);
}

// JSON carries UTF-8 only: what is none is made visible.
static json_t *json_text(const char *text, size_t n)
{
	json_t *value = json_stringn(text, n);
	auto_str visible = {0};

	if (value)
		return value;
	str_add_visible(&visible, text, n);
	return json_string(str_text(&visible));
}

static void add_json(struct log_output *o, const struct log_record *r)
{
	json_t *object = json_pack("{s:s%, s:s%, s:o}", "time", r->stamp, (size_t)r->stamp_length, "stream", r->stream, strcspn(r->stream, " "), "text",
	                           json_text(r->text, r->length));
	if (!r->whole)
		json_object_set_new(object, "partial", json_true());
	auto_free char *line = json_dumps(object, JSON_COMPACT);

	str_add_json(&o->text, line ? line : "{}");
	str_add_char(&o->text, '\n');
	json_decref(object);
}

static void add_record(void *context, const struct log_record *r)
{
	struct log_output *o = context;
	bool error = str_starts(r->stream, "stderr");
	int fd = error && o->split && !o->json ? STDERR_FILENO : STDOUT_FILENO;

	if (fd != o->fd)
		flush_output(o);
	o->fd = fd;
	if (o->json) {
		add_json(o, r);
		return;
	}
	if (o->timestamps && !o->inside[error])
		str_addf(&o->text, "%.*s ", r->stamp_length, r->stamp);
	if (o->visible)
		str_add_log(&o->text, r->text, r->length);
	else
		str_add_bytes(&o->text, r->text, r->length);
	if (r->whole)
		str_add_char(&o->text, '\n');
	o->inside[error] = !r->whole;
}

static bool wants(const struct params *p, const char *name)
{
	return p && str_equal(params_get(p, name), "yes");
}

static int reader_of(struct log_reader *r, struct log_output *o, const struct view *v, const struct params *p, struct err *e)
{
	const char *tail = p ? params_get(p, "tail") : NULL, *since = p ? params_get(p, "since") : NULL;
	int64_t age = 0;

	*o = (struct log_output){.timestamps = wants(p, "timestamps"), .split = wants(p, "split"), .json = wants(p, "json"), .visible = wants(p, "visible"),
	                         .fd = STDOUT_FILENO};
	*r = (struct log_reader){.tail = -1, .container_fd = v->dir, .fd = -1, .sink = add_record, .context = o};
	if (tail && (str_to_i64(tail, &r->tail) < 0 || r->tail < 0))
		return err_msg(e, EINVAL, "'%s' is no number of lines", tail);
	if (since && units_parse_duration(since, &age) < 0)
		return err_msg(e, EINVAL, "'%s' is no duration, as 10m or 2h", since);
	r->since = since ? clock_wall() - age : 0;
	return 0;
}

static int show_new(struct log_reader *r, struct err *e)
{
	struct log_output *o = r->context;

	log_reader_next(r);
	flush_output(o);
	if (o->result < 0)
		*e = o->err;
	return o->result;
}

// --- its first process ---

// This process's standard input on its way to the container: read only when the last of it is gone, so that nothing waits for anything else.
struct speaker {
	int fd;           // of the monitor's socket
	bool open;        // standard input
	bool tell_end;    // the container has a pipe that ends with it
	struct str frames; // not yet sent
};

static void add_frame(struct speaker *s, char type, const void *payload, size_t n)
{
	unsigned char header[ATTACH_HEADER];

	attach_header(header, type, n);
	str_add_bytes(&s->frames, header, sizeof(header));
	str_add_bytes(&s->frames, payload, n);
}

static void add_size(struct speaker *s)
{
	unsigned columns, rows;

	if (pty_get_size(STDIN_FILENO, &columns, &rows) == 0)
		add_frame(s, ATTACH_SIZE, (const unsigned char[]){(unsigned char)(columns >> 8), (unsigned char)columns, (unsigned char)(rows >> 8), (unsigned char)rows}, 4);
}

static void speaker_poll(const struct speaker *s, struct pollfd p[2])
{
	p[0] = (struct pollfd){s->fd, (short)(POLLIN | (s->frames.length ? POLLOUT : 0)), 0};
	p[1] = (struct pollfd){s->open && !s->frames.length ? STDIN_FILENO : -1, POLLIN, 0};
}

static void push_frames(struct speaker *s)
{
	ssize_t n = s->frames.length ? send(s->fd, s->frames.text, s->frames.length, MSG_DONTWAIT | MSG_NOSIGNAL) : 0;

	if (n <= 0) // a line that is lost shows when it is read
		return;
	memmove(s->frames.text, s->frames.text + n, s->frames.length - (size_t)n);
	s->frames.length -= (size_t)n;
}

// Takes what was typed. Returns whether the user leaves.
static bool take_keys(struct speaker *s)
{
	char keys[ATTACH_PAYLOAD_MAX];
	ssize_t n = read(STDIN_FILENO, keys, sizeof(keys));

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return false;
	if (n <= 0) {
		s->open = false;
		if (s->tell_end)
			add_frame(s, ATTACH_END, "", 0);
		return isatty(STDIN_FILENO); // the end of a pipe is not the end of the output
	}
	const char *leave = isatty(STDIN_FILENO) ? memchr(keys, LEAVE, (size_t)n) : NULL;
	size_t typed = leave ? (size_t)(leave - keys) : (size_t)n;
	if (typed)
		add_frame(s, ATTACH_INPUT, keys, typed);
	return leave != NULL;
}

static int converse(struct speaker *s, int resized, struct err *e)
{
	char output[16384];
	struct signalfd_siginfo info;

	for (;;) {
		struct pollfd p[3] = {[2] = {resized, POLLIN, 0}};
		speaker_poll(s, p);
		if (poll(p, 3, -1) < 0)
			continue;
		if (p[0].revents & ~POLLOUT) {
			ssize_t n = read(s->fd, output, sizeof(output));
			if (n <= 0)
				return 0;
			int r = put(STDOUT_FILENO, output, (size_t)n, e);
			if (r < 0)
				return r;
		}
		bool leaves = p[1].revents && take_keys(s);
		if (p[2].revents && read(resized, &info, sizeof(info)) > 0)
			add_size(s);
		push_frames(s);
		if (leaves)
			return 0;
	}
}

static bool is_interactive(const struct view *v)
{
	return str_equal(params_get(&v->record.params, "interactive"), "yes") && !str_equal(params_get(&v->record.params, "tty"), "yes");
}

// Until the monitor has gone: what it wrote last is read after that was seen. With a SPEAKER that has a line, standard input goes to the container meanwhile; the
// output that comes back over its line is that of the log.
static int follow(struct log_reader *r, const struct view *v, const char *path, struct speaker *speaker, struct err *e)
{
	auto_close int events = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	char ignored[16384];
	int patience = 1000; // ms

	if (events < 0 || inotify_add_watch(events, path, IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_DELETE | IN_CLOSE_WRITE) < 0)
		patience = 100; // the user has no inotify instance left: look instead
	for (bool last = false; !last;) {
		last = !store_is_locked(v->dir, "monitor");
		int result = show_new(r, e);
		if (result < 0 || last)
			return result;
		struct pollfd p[4] = {{-1, 0, 0}, {-1, 0, 0}, {events, POLLIN, 0}, {STDOUT_FILENO, 0, 0}};
		if (speaker->fd >= 0)
			speaker_poll(speaker, p);
		if (poll(p, 4, patience) == 0 && refuse_stopped(v, e) < 0)
			return -e->code;
		if (p[3].revents & (POLLERR | POLLHUP)) // nobody reads any more
			return 0;
		while (read(events, ignored, sizeof(ignored)) > 0)
			;
		if (p[0].revents & ~POLLOUT && recv(speaker->fd, ignored, sizeof(ignored), MSG_DONTWAIT) <= 0)
			speaker->fd = -1; // its end; the log says the rest
		if (p[1].revents)
			take_keys(speaker);
		if (speaker->fd >= 0)
			push_frames(speaker);
	}
	return 0;
}

int containers_logs(struct containers *c, const char *name, const struct params *p, struct err *e)
{
	auto_view v = {.dir = -1};
	struct log_reader reader = {.fd = -1};
	struct log_output output = {0};
	auto_free char *path = store_container_path(&c->store, name);
	auto_free char *socket = mem_printf("%s/attach", path);
	int r = view_open(&v, c, name, e);
	auto_close int line = r == 0 && wants(p, "input") && is_interactive(&v) ? fd_connect(socket, NULL) : -1;
	struct speaker speaker = {.fd = line, .open = true, .tell_end = true};

	if (r == 0)
		r = reader_of(&reader, &output, &v, p, e);
	if (r == 0)
		r = show_new(&reader, e);
	if (r == 0 && wants(p, "follow"))
		r = follow(&reader, &v, path, &speaker, e);
	str_done(&speaker.frames);
	log_reader_done(&reader);
	str_done(&output.text);
	return r;
}

int containers_attach(struct containers *c, const char *name, struct err *e)
{
	auto_view v = {.dir = -1};
	auto_free char *directory = store_container_path(&c->store, name);
	auto_free char *path = mem_printf("%s/attach", directory);
	struct termios saved;
	sigset_t mask, before;
	int r = view_open(&v, c, name, e);

	if (r == 0)
		r = refuse_stopped(&v, e);
	if (r < 0)
		return r;
	auto_close int fd = fd_connect(path, NULL);
	if (fd < 0) // it has ended, or ends just now: what it said is all there is
		return wait_for_end(&v, ENDING) ? containers_logs(c, name, NULL, e) : err_msg(e, EIO, "the monitor of container '%s' does not answer", name);
	sigemptyset(&mask);
	sigaddset(&mask, SIGWINCH);
	pthread_sigmask(SIG_BLOCK, &mask, &before);
	auto_close int resized = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
	bool raw = str_equal(params_get(&v.record.params, "tty"), "yes") && pty_raw(STDIN_FILENO, &saved) == 0;
	struct speaker speaker = {.fd = fd, .open = true, .tell_end = is_interactive(&v)};
	add_size(&speaker);
	r = converse(&speaker, resized, e);
	str_done(&speaker.frames);
	if (raw)
		pty_restore(STDIN_FILENO, &saved);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return r;
}

// --- one more process ---

static int add_user(struct strv *argv, struct containers *c, const struct view *v, const char *who, struct err *e)
{
	auto_strv roots = {0};
	auto_free char *directory = store_container_path(&c->store, v->record.name);
	struct account a;

	strv_addf(&roots, "%s/upper", directory);
	for (size_t i = 0; i < v->record.image.lowers.count; i++)
		strv_add(&roots, v->record.image.lowers.items[i]);
	int r = account_find(&a, &roots, who, e);
	if (r == 0)
		r = account_keep_mapped(&a, who, e);
	if (r < 0)
		return account_done(&a), r;
	strv_addf(argv, "--user=%u:%u", a.uid, a.gid);
	for (size_t i = 0; i < a.group_count; i++)
		strv_addf(argv, "-g%u", a.groups[i]);
	account_done(&a);
	return 0;
}

static int exec_words(struct strv *argv, struct containers *c, const struct view *v, const struct params *p, struct err *e)
{
	const char *value;

	strv_add(argv, c->program);
	strv_add(argv, "--root");
	strv_add(argv, c->store.runtime);
	strv_add(argv, "exec");
	if (str_equal(params_or(p, "tty", isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) ? "yes" : "no"), "yes"))
		strv_add(argv, "--tty");
	if ((value = params_get(p, "cwd")))
		strv_addf(argv, "--cwd=%s", value);
	for (size_t i = 0; (value = params_get_nth(p, "env", i)); i++)
		strv_addf(argv, "--env=%s", value);
	int r = params_get(p, "user") ? add_user(argv, c, v, params_get(p, "user"), e) : 0;
	strv_add(argv, "--");
	strv_add(argv, v->record.name);
	for (size_t i = 0; (value = params_get_nth(p, "command", i)); i++)
		strv_add(argv, value);
	return r;
}

int containers_exec(struct containers *c, const char *name, const struct params *p, struct err *e)
{
	auto_view v = {.dir = -1};
	auto_strv argv = {0};
	int status, r = view_open(&v, c, name, e);

	if (r == 0 && !v.running)
		return err_msg(e, ESRCH, "container '%s' is not running: start it first", name);
	r = r < 0 ? r : exec_words(&argv, c, &v, p, e);
	pid_t pid = r < 0 ? r : proc_spawn((const char *const *)argv.items, (const int[3]){0, 1, 2}, -1, false, e);
	if (pid < 0)
		return pid;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return err_set(e, errno, "waiting for '%s'", c->program);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
