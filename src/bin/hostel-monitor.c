// hostel-monitor DIRECTORY RUNTIME RUNTIME-STATE: one a running container. It has the container started, holds its terminal or pipes, keeps its log, serves
// attached terminals, records its end and applies its restart policy. One thread, little memory; it outlives whoever started it.
// Descriptor 3 hears one line: "ok MILLISECONDS" or why it did not start; then it is closed.
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <jansson.h>

#include "base/clock.h"
#include "base/mem.h"
#include "container/bundle.h"
#include "container/host.h"
#include "container/clients.h"
#include "container/log.h"
#include "container/policy.h"
#include "container/record.h"
#include "container/store.h"
#include "sys/cgroup.h"
#include "sys/fs.h"
#include "sys/proc.h"
#include "sys/pty.h"

enum { STARTER = 3, MS = 1000000 };
enum { OWN_POLL = 5, PENDING_MAX = 64 * 1024 }; // of poll(2); bytes of input that may wait
enum { EARLY_MS = 3000 }; // so long whoever started it may take to attach

struct monitor {
	const char *directory, *runtime; // the container's; the runtime's state
	char *program;                   // the runtime
	int dir, containers;             // descriptors of the container's directory and of the one above
	struct record record;
	struct run_state state;
	struct policy policy;
	struct policy_history history;
	struct log_writer log;
	struct cgroup_layout layout;
	struct cgroup_reader *group;
	uint64_t oom_before;
	int signals;
	int terminal;      // master, -1 without
	int out[2];        // stdout and stderr of a container without a terminal
	int input;         // its stdin, when that is kept open, else -1
	struct str pending; // what its stdin or terminal has not taken yet
	bool input_ends;   // after that
	struct clients clients;
	bool ended;        // its first process
	int status;        // waitpid(2)
};

static bool has_terminal(const struct monitor *m)
{
	return str_equal(params_get(&m->record.params, "tty"), "yes");
}

static void write_state(struct monitor *m)
{
	struct err ignored;

	run_state_write(m->dir, &m->state, &ignored); // a full disk must not end the container
	store_touch(m->containers);
}

// --- output ---

static void take_output(struct monitor *m, int *fd, const char *stream)
{
	char buffer[16384];
	ssize_t n = read(*fd, buffer, sizeof(buffer));

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) { // a pty says EIO when its last user has gone
		close(*fd);
		*fd = -1;
		return;
	}
	log_writer_add(&m->log, stream, clock_wall(), buffer, (size_t)n);
	clients_send(&m->clients, buffer, (size_t)n);
}

// --- attached terminals ---

static int listen_here(struct monitor *m, const char *name)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	auto_close int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", name); // relative: this process works in the container's directory
	unlinkat(m->dir, name, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 || listen(fd, 8) < 0)
		return -errno;
	return steal_fd(&fd);
}

static int input_of(const struct monitor *m)
{
	return m->terminal >= 0 ? m->terminal : m->input;
}

// Hands on what it takes now. What is left when nobody reads any more is nobody's.
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

static void obey(void *context, const struct attach_frame *f)
{
	struct monitor *m = context;

	if (f->type == ATTACH_SIZE && m->terminal >= 0)
		pty_set_size(m->terminal, (unsigned)f->payload[0] << 8 | f->payload[1], (unsigned)f->payload[2] << 8 | f->payload[3]);
	else if (f->type == ATTACH_INPUT && input_of(m) >= 0)
		str_add_bytes(&m->pending, f->payload, f->size);
	else if (f->type == ATTACH_END)
		m->input_ends = m->input >= 0;
	push_input(m);
}

// --- the runtime ---

// The last error in the runtime's log, whose lines are JSON. Owned, NULL when there is none.
static char *last_error(struct monitor *m)
{
	char text[16384] = "";
	char *rest = text, *said = NULL;

	proc_read_file_at(m->dir, "runtime.log", text, sizeof(text));
	for (char *line = strsep(&rest, "\n"); line; line = strsep(&rest, "\n")) {
		json_t *object = json_loads(line, 0, NULL);
		const char *message = json_string_value(json_object_get(object, "msg"));
		if (message && str_equal(json_string_value(json_object_get(object, "level")), "error")) {
			free(said);
			said = mem_strdup(message);
		}
		json_decref(object);
	}
	return said;
}

// Runs a verb of the runtime with its standard output and error on FDS and waits; what it says when it fails is in E.
static int runtime(struct monitor *m, const char *const words[], const int fds[3], struct err *e)
{
	auto_strv argv = {0};
	int status = 0;

	strv_add(&argv, m->program);
	strv_add(&argv, "--root");
	strv_add(&argv, m->runtime);
	strv_add(&argv, "--log");
	strv_add(&argv, "runtime.log");
	strv_add(&argv, "--log-format");
	strv_add(&argv, "json");
	for (; *words; words++)
		strv_add(&argv, *words);
	unlinkat(m->dir, "runtime.log", 0);
	pid_t pid = proc_spawn((const char *const *)argv.items, fds, -1, false, e);
	if (pid < 0)
		return pid;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return err_set(e, errno, "waiting for '%s'", m->program);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	auto_free char *said = last_error(m);
	if (WIFSIGNALED(status))
		return err_msg(e, EIO, "the runtime was ended by SIG%s", sigabbrev_np(WTERMSIG(status)) ? sigabbrev_np(WTERMSIG(status)) : "?");
	return err_msg(e, EIO, "%s", said ? said : "the runtime failed without a word");
}

static void forget(struct monitor *m)
{
	struct err ignored;

	runtime(m, (const char *const[]){"delete", "--force", m->record.name, NULL}, (const int[3]){-1, -1, -1}, &ignored);
}

// Its terminal comes over a socket while the runtime makes the container, so that socket is heard in a child's stead: after it has ended.
static int create_with_terminal(struct monitor *m, const char *const words[], struct err *e)
{
	auto_close int listener = listen_here(m, "console");

	if (listener < 0)
		return err_set(e, -listener, "cannot listen for the terminal");
	int r = runtime(m, words, (const int[3]){-1, -1, -1}, e);
	auto_close int connection = r == 0 ? accept4(listener, NULL, NULL, SOCK_CLOEXEC) : -1;
	char name[64];
	unlinkat(m->dir, "console", 0);
	if (r < 0)
		return r;
	m->terminal = connection < 0 ? -errno : fd_receive(connection, name, sizeof(name));
	if (m->terminal < 0)
		return err_set(e, -m->terminal, "the runtime sent no terminal");
	pty_set_size(m->terminal, 80, 24);
	return 0;
}

// A pipe: the end for this process, and that for the container.
static int make_pipe(int *ours, int *theirs, bool writing, struct err *e)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_set(e, errno, "cannot make a pipe");
	*ours = ends[writing];
	*theirs = ends[!writing];
	return 0;
}

static int create_with_pipes(struct monitor *m, const char *const words[], struct err *e)
{
	bool interactive = str_equal(params_get(&m->record.params, "interactive"), "yes");
	auto_close int in = -1;
	auto_close int out = -1;
	auto_close int errors = -1;
	int r = interactive ? make_pipe(&m->input, &in, true, e) : 0;

	if (r == 0)
		r = make_pipe(&m->out[0], &out, false, e);
	if (r == 0)
		r = make_pipe(&m->out[1], &errors, false, e);
	return r < 0 ? r : runtime(m, words, (const int[3]){in, out, errors}, e);
}

static int write_bundle(struct monitor *m, struct err *e)
{
	auto_free char *store = mem_printf("%s/../..", m->directory);
	auto_free char *real = realpath(store, NULL);
	auto_free char *text = bundle_make(&m->record, m->directory, real ? real : store, e);

	if (text && image_is_host(&m->record.image) && host_prepare(m->dir, e) < 0)
		return -e->code;
	return text ? fs_replace_file(m->dir, "config.json", 0600, text, strlen(text), e) : -e->code;
}

static int read_pid(struct monitor *m, struct err *e)
{
	char text[32];
	uint64_t pid = 0;

	if (proc_read_file_at(m->dir, "pid", text, sizeof(text)) > 0)
		text[strcspn(text, "\n")] = '\0';
	if (str_to_u64(text, &pid) < 0 || proc_start_time((pid_t)pid, &m->state.pid_started) < 0)
		return err_msg(e, ESRCH, "the runtime told no process");
	m->state.pid = (pid_t)pid;
	return 0;
}

static uint64_t oom_kills(struct monitor *m)
{
	struct cgroup_figures figures;

	if (!m->group || cgroup_reader_read(m->group, CGROUP_READ_MEMORY, &figures) < 0 || figures.oom_kills == CGROUP_MISSING)
		return 0;
	return figures.oom_kills;
}

static void close_all(struct monitor *m)
{
	int *const fds[] = {&m->terminal, &m->out[0], &m->out[1], &m->input};

	for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
		auto_close_run(fds[i]);
		*fds[i] = -1;
	}
	str_done(&m->pending);
	m->input_ends = false;
}

static void make_nonblocking(struct monitor *m)
{
	const int fds[] = {m->terminal, m->out[0], m->out[1], m->input};

	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		if (fds[i] >= 0)
			fcntl(fds[i], F_SETFL, O_NONBLOCK);
}

static int start(struct monitor *m, struct err *e)
{
	int64_t begin = clock_mono();
	const char *const plain[] = {"create", "--bundle", m->directory, "--pid-file", "pid", m->record.name, NULL};
	const char *const terminal[] = {"create", "--bundle", m->directory, "--pid-file", "pid", "--console-socket", "console", m->record.name, NULL};

	m->state.phase = RUN_STARTING;
	m->ended = false;
	unlinkat(m->dir, "pid", 0);
	int r = write_bundle(m, e);
	if (r == 0)
		r = has_terminal(m) ? create_with_terminal(m, terminal, e) : create_with_pipes(m, plain, e);
	if (r == 0)
		r = read_pid(m, e);
	auto_free char *group = r == 0 ? bundle_cgroup_of(&m->layout, m->record.name, m->state.pid) : NULL;
	if (group && cgroup_reader_open_group(&m->group, &m->layout, group, NULL) == 0)
		m->oom_before = oom_kills(m);
	if (r == 0)
		r = runtime(m, (const char *const[]){"start", m->record.name, NULL}, (const int[3]){-1, -1, -1}, e);
	if (r < 0) {
		forget(m);
		close_all(m);
		return r;
	}
	make_nonblocking(m);
	m->state.phase = RUN_RUNNING;
	m->state.started = clock_wall();
	m->state.start_ms = (double)(clock_mono() - begin) / MS;
	write_state(m);
	return 0;
}

// --- its end ---

static int take_signals(struct monitor *m)
{
	struct signalfd_siginfo info;
	pid_t pid;
	int status;

	while (read(m->signals, &info, sizeof(info)) == sizeof(info))
		;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		if (pid == m->state.pid) {
			m->ended = true;
			m->status = status;
		}
	return 0;
}

// What is still in the pipes when nobody is left to write: bounded, for a pipe may have been handed out of the container.
static void drain(struct monitor *m)
{
	for (int i = 0; i < 256 && (m->terminal >= 0 || m->out[0] >= 0 || m->out[1] >= 0); i++) {
		struct pollfd p[] = {{m->terminal, POLLIN, 0}, {m->out[0], POLLIN, 0}, {m->out[1], POLLIN, 0}};
		if (poll(p, 3, 100) <= 0)
			return;
		if (p[0].revents)
			take_output(m, &m->terminal, "stdout");
		if (p[1].revents)
			take_output(m, &m->out[0], "stdout");
		if (p[2].revents)
			take_output(m, &m->out[1], "stderr");
	}
}

// Whether somebody asked for its end: then no policy brings it back.
static bool is_wanted_gone(const struct monitor *m)
{
	return faccessat(m->dir, "stopping", F_OK, 0) == 0;
}

static void record_end(struct monitor *m)
{
	// a process that was killed earlier for want of memory is not why this end came, when it was asked for
	bool oom = oom_kills(m) > m->oom_before && !is_wanted_gone(m);

	m->state.phase = RUN_ENDED;
	m->state.finished = clock_wall();
	m->state.code = WIFSIGNALED(m->status) ? 128 + WTERMSIG(m->status) : WEXITSTATUS(m->status);
	free(steal(m->state.reason));
	if (oom && m->state.code != 0)
		m->state.reason = mem_strdup("OOM");
	else if (WIFSIGNALED(m->status))
		m->state.reason = mem_printf("SIG%s", sigabbrev_np(WTERMSIG(m->status)) ? sigabbrev_np(WTERMSIG(m->status)) : "?");
}

// One look at everything, waiting until there is something to do. Output stays in the kernel while a client is behind.
static void turn(struct monitor *m)
{
	int timeout = m->clients.early ? EARLY_MS : -1;
	int64_t now = clock_mono();
	bool behind = clients_are_behind(&m->clients, now, &timeout);
	struct pollfd p[OWN_POLL + CLIENTS_POLL] = {{m->signals, POLLIN, 0}, {behind ? -1 : m->terminal, POLLIN, 0}, {behind ? -1 : m->out[0], POLLIN, 0},
	                                            {behind ? -1 : m->out[1], POLLIN, 0}, {m->pending.length ? input_of(m) : -1, POLLOUT, 0}};

	clients_poll(&m->clients, p + OWN_POLL, m->pending.length < PENDING_MAX);
	int n = poll(p, ARRAY_SIZE(p), timeout);
	if (n < 0)
		return;
	if (n == 0 && !behind)
		clients_stop_waiting(&m->clients);
	if (p[1].revents)
		take_output(m, &m->terminal, "stdout");
	if (p[2].revents)
		take_output(m, &m->out[0], "stdout");
	if (p[3].revents)
		take_output(m, &m->out[1], "stderr");
	if (p[4].revents)
		push_input(m);
	clients_serve(&m->clients, p + OWN_POLL, clock_mono(), obey, m);
	if (p[0].revents)
		take_signals(m);
}

// One life of the container: until its first process has ended.
static void watch(struct monitor *m)
{
	while (!m->ended)
		turn(m);
	drain(m);
	record_end(m);
	cgroup_reader_free(steal(m->group));
	forget(m);
	close_all(m);
}

// Waits before a restart; a stop meanwhile shows as the file "stopping", for which the starter also signals this process.
static bool wait_for_restart(struct monitor *m, int64_t wait)
{
	int64_t until = clock_mono() + wait;

	m->state.phase = RUN_WAITING;
	write_state(m);
	while (!is_wanted_gone(m) && clock_mono() < until) {
		struct pollfd p = {m->signals, POLLIN, 0};
		poll(&p, 1, (int)((until - clock_mono()) / MS) + 1);
		take_signals(m);
	}
	return !is_wanted_gone(m);
}

static void tell_starter(const struct err *e, double ms)
{
	if (e)
		dprintf(STARTER, "%s\n", e->text);
	else
		dprintf(STARTER, "ok %.3f\n", ms);
	close(STARTER);
}

// The record as it is now: the policy, and what else the next life is made from, may have been changed meanwhile.
static void read_again(struct monitor *m)
{
	struct record r;
	struct err ignored;

	if (record_read(m->dir, &r, &ignored) < 0)
		return;
	free(r.name);
	r.name = mem_strdup(m->record.name);
	record_done(&m->record);
	m->record = r;
	policy_parse(&m->policy, params_get(&m->record.params, "restart"), &ignored);
}

static bool restarts(struct monitor *m)
{
	int64_t wait;

	read_again(m);

	if (is_wanted_gone(m) || !policy_restarts(&m->policy, &m->history, m->state.code, clock_mono(), &wait) || !wait_for_restart(m, wait))
		return false;
	policy_note(&m->history, clock_mono());
	m->state.restarts++;
	return true;
}

static int live(struct monitor *m)
{
	struct err e = {0};
	int r = start(m, &e);

	if (r < 0) { // what is remembered of its last run stays
		tell_starter(&e, 0);
		return EXIT_FAILURE;
	}
	tell_starter(NULL, m->state.start_ms);
	do
		watch(m);
	while (restarts(m) && (r = start(m, &e)) == 0);
	m->state.phase = RUN_ENDED;
	if (r < 0) {
		free(m->state.reason);
		m->state.reason = mem_strdup(e.text);
	}
	write_state(m);
	unlinkat(m->dir, "attach", 0);
	unlinkat(m->dir, "stopping", 0);
	clients_finish(&m->clients, (int64_t)CLIENTS_PATIENCE * MS);
	if (str_equal(params_get(&m->record.params, "rm"), "yes")) {
		struct err ignored;
		for (int i = 0; i < 40 && store_is_locked(m->dir, "waiting"); i++) // they look every 50 ms
			poll(NULL, 0, 50);
		store_container_remove(m->containers, m->record.name, &ignored);
	}
	return EXIT_SUCCESS;
}

static int prepare(struct monitor *m, struct err *e)
{
	sigset_t mask;

	sigemptyset(&mask);
	sigaddset(&mask, SIGCHLD);
	sigaddset(&mask, SIGTERM); // a nudge to look again
	sigprocmask(SIG_BLOCK, &mask, NULL);
	signal(SIGHUP, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); // the container's first process outlives the runtime and must come to us
	m->signals = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
	m->dir = open(m->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (m->signals < 0 || m->dir < 0 || fchdir(m->dir) < 0)
		return err_set(e, errno, "cannot open '%s'", m->directory);
	m->containers = openat(m->dir, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
	m->state = (struct run_state){.boot = run_state_boot(), .monitor = getpid(), .code = -1};
	int r = record_read(m->dir, &m->record, e);
	if (r == 0)
		r = policy_parse(&m->policy, params_get(&m->record.params, "restart"), e);
	if (r == 0)
		r = cgroup_layout_read(&m->layout, e);
	if (r == 0)
		r = log_writer_open(&m->log, m->dir, e);
	return r;
}

// For life. Who holds it is written into it: no other process may be taken for this one.
static int take_lock(struct monitor *m)
{
	uint64_t started = 0;
	int lock = store_lock(m->dir, "monitor", false);

	if (lock >= 0 && ftruncate(lock, 0) == 0 && proc_start_time(getpid(), &started) == 0)
		dprintf(lock, "%d %llu\n", (int)getpid(), (unsigned long long)started); // on a full disk it stays empty
	return lock;
}

int main(int argc, char **argv)
{
	static struct monitor m;
	struct err e = {0};

	if (argc != 4) {
		fputs("usage: hostel-monitor DIRECTORY RUNTIME RUNTIME-STATE (hostel starts it)\n", stderr);
		return 2;
	}
	m = (struct monitor){.directory = argv[1], .program = argv[2], .runtime = argv[3], .terminal = -1, .out = {-1, -1}, .input = -1};
	clients_open(&m.clients, -1, false);
	fcntl(STARTER, F_SETFD, FD_CLOEXEC);
	close_range(STARTER + 1, ~0u, 0); // whatever the caller had open ends with the caller
	if (fork() > 0) // whoever started it has nothing to reap later
		_exit(EXIT_SUCCESS);
	int r = prepare(&m, &e);
	auto_close int lock = r == 0 ? take_lock(&m) : -1;

	if (r == 0 && lock < 0)
		r = lock == -EWOULDBLOCK ? err_msg(&e, EBUSY, "it runs already") : err_set(&e, -lock, "cannot lock '%s'", m.directory);
	int listener = r == 0 ? listen_here(&m, "attach") : -1; // only once it is alone here: another's socket must stay
	if (r == 0 && listener < 0)
		r = err_set(&e, -listener, "cannot listen for terminals");
	clients_open(&m.clients, listener, r == 0 && has_terminal(&m));
	if (r < 0) {
		tell_starter(&e, 0);
		return EXIT_FAILURE;
	}
	return live(&m);
}
