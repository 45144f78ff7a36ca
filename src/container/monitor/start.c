// Starting the container: the monitor writes the bundle, runs the runtime, and connects the container's streams.
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <jansson.h>

#include "base/clock.h"
#include "base/mem.h"
#include "model/param.h"
#include "container/bundle/bundle.h"
#include "container/bundle/host.h"
#include "container/bundle/network_files.h"
#include "container/bundle/sharing_hold.h"
#include "container/network/network.h"
#include "container/store/image.h"
#include "container/store/joined.h"
#include "container/store/record.h"
#include "monitor.h"
#include "sys/fs.h"
#include "sys/proc.h"
#include "sys/pty.h"

// The last error in the runtime's log, which has one JSON object per line. Owned, NULL if there is none.
static char *last_error(int log)
{
	enum { SIZE = 16384 };
	auto_free char *text = mem_array(SIZE, 1);
	char *rest = text, *message_text = NULL;

	(void)!pread(log, text, SIZE - 1, 0);
	for (char *line = strsep(&rest, "\n"); line; line = strsep(&rest, "\n")) {
		json_t *object = json_loads(line, 0, NULL);
		const char *message = json_string_value(json_object_get(object, "msg"));
		if (message && str_equal(json_string_value(json_object_get(object, "level")), "error")) {
			free(message_text);
			message_text = mem_strdup(message);
		}
		json_decref(object);
	}
	return message_text;
}

struct call {
	struct monitor *m;
	const char *const *words;
	const int *fds;
};

static int call_runtime(void *context, struct err *e)
{
	const struct call *call = context;
	const struct monitor *m = call->m;
	auto_strv argv = {0};
	auto_close int log = memfd_create("log", MFD_CLOEXEC); // must work on a full disk
	int status = 0;

	if (log < 0)
		return err_set(e, errno, "cannot create the runtime's log");
	strv_add(&argv, m->program);
	strv_add(&argv, "--root");
	strv_add(&argv, m->runtime);
	strv_add(&argv, "--log");
	strv_add(&argv, "/proc/self/fd/3");
	strv_add(&argv, "--log-format");
	strv_add(&argv, "json");
	for (const char *const *word = call->words; *word; word++)
		strv_add(&argv, *word);
	pid_t pid = proc_spawn((const char *const *)argv.items, call->fds, log, false, e);
	if (pid < 0)
		return pid;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return err_set(e, errno, "cannot wait for '%s'", m->program);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	auto_free char *message_text = last_error(log);
	if (WIFSIGNALED(status))
		return err_msg(e, EIO, "the runtime was killed by SIG%s",
		               sigabbrev_np(WTERMSIG(status)) ? sigabbrev_np(WTERMSIG(status)) : "?");
	err_msg(e, EIO, "%s", message_text ? message_text : "the runtime failed without an error message");
	e->status = WEXITSTATUS(status) == 126 || WEXITSTATUS(status) == 127 ? WEXITSTATUS(status) : 0;
	return -e->code;
}

// Runs the runtime with FDS as standard input, output and error, and waits. On failure E contains its error message.
static int run_runtime(struct monitor *m, const char *const words[], const int fds[3], struct err *e)
{
	struct call call = {m, words, fds};

	return m->hold.space.user < 0 ? call_runtime(&call, e)
	                              : network_space_run(&m->hold.space, false, call_runtime, &call, e);
}

// A rename may have changed the name on the networks while this waited for them.
static void leave_network(struct monitor *m)
{
	do {
		monitor_follow_name(m);
		network_watch_stop(&m->watch);
		monitor_stop_connecting(m);
		network_release(&m->hold);
		monitor_leave_network(m);
	} while (monitor_was_renamed(m));
}

void monitor_forget(struct monitor *m)
{
	struct err ignored;

	run_runtime(m, (const char *const[]){"delete", "--force", record_id(&m->record), NULL}, (const int[3]){-1, -1, -1},
	            &ignored);
	leave_network(m);
}

// The runtime sends the terminal over a socket while it creates the container; it is received after the runtime has
// exited.
static int run_with_terminal(struct monitor *m, const char *const words[], struct err *e)
{
	auto_close int listener = monitor_listen(m, "console");

	if (listener < 0)
		return err_set(e, -listener, "cannot listen for the terminal");
	int r = run_runtime(m, words, (const int[3]){-1, -1, -1}, e);
	auto_close int connection = r == 0 ? accept4(listener, NULL, NULL, SOCK_CLOEXEC) : -1;
	char name[64];
	unlinkat(m->dir, "console", 0);
	if (r < 0)
		return r;
	int terminal = connection < 0 ? -errno : fd_receive(connection, name, sizeof(name));
	if (terminal < 0)
		return err_set(e, -terminal, "the runtime sent no terminal");
	m->sources[SOURCE_TERMINAL].fd = terminal;
	return 0;
}

// Creates a pipe between this process and the container; WRITING: this process has the writing end.
static int make_pipe(int *ours, int *theirs, bool writing, struct err *e)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_set(e, errno, "cannot create a pipe");
	*ours = ends[writing];
	*theirs = ends[!writing];
	return 0;
}

static int run_with_pipes(struct monitor *m, const char *const words[], struct err *e)
{
	bool interactive = record_has(&m->record, PARAM_INTERACTIVE);
	auto_close int in = -1;
	auto_close int out = -1;
	auto_close int errors = -1;
	int r = interactive ? make_pipe(&m->input, &in, true, e) : 0;

	if (r == 0)
		r = make_pipe(&m->sources[SOURCE_STDOUT].fd, &out, false, e);
	if (r == 0)
		r = make_pipe(&m->sources[SOURCE_STDERR].fd, &errors, false, e);
	return r < 0 ? r : run_runtime(m, words, (const int[3]){in, out, errors}, e);
}

static int write_bundle(struct monitor *m, struct err *e)
{
	auto_free char *text = bundle_make(&m->record, m->directory, m->store, e);
	auto_strv places = {0};

	bundle_places(&m->record, &places);
	if (text && image_is_host(&m->record.image) && host_prepare(m->dir, &places, e) < 0)
		return -e->code;
	if (text && network_files_write(m->dir, &m->record, e) < 0)
		return -e->code;
	// rewritten at each start, and only read while the container runs
	return text ? fs_replace_volatile(m->dir, "config.json", 0600, text, strlen(text), e) : -e->code;
}

// In a process of its own: leftovers of the bundle's documents would occupy memory as long as the container runs.
static int write_bundle_apart(struct monitor *m, struct err *e)
{
	struct outcome {
		int result;
		struct err e;
	} *out = mmap(NULL, sizeof(*out), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (out == MAP_FAILED)
		return err_set(e, errno, "cannot share memory");
	out->result = err_msg(&out->e, EIO, "the process that writes the bundle was killed");
	pid_t pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		out->result = write_bundle(m, &out->e);
		_exit(0);
	}
	int r = pid < 0 ? err_set(e, errno, "cannot start a process") : 0;
	while (r == 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	if (r == 0 && out->result < 0)
		*e = out->e;
	r = r == 0 ? out->result : r;
	munmap(out, sizeof(*out));
	return r;
}

static int read_pid(struct monitor *m, struct err *e)
{
	char text[32];
	uint64_t pid = 0;

	if (proc_read_file_at(m->dir, "pid", text, sizeof(text)) > 0)
		text[strcspn(text, "\n")] = '\0';
	if (str_to_u64(text, &pid) < 0 || proc_start_time((pid_t)pid, &m->state.pid_started) < 0)
		return err_msg(e, ESRCH, "the runtime reported no pid");
	m->state.pid = (pid_t)pid;
	return 0;
}

uint64_t monitor_oom_kills(struct monitor *m)
{
	struct cgroup_figures figures;

	if (!m->group || cgroup_reader_read(m->group, CGROUP_READ_OOM_KILLS, &figures) < 0 ||
	    figures.oom_kills == CGROUP_MISSING)
		return 0;
	return figures.oom_kills;
}

static void make_nonblocking(int fd)
{
	if (fd >= 0)
		fcntl(fd, F_SETFL, O_NONBLOCK);
}

// A stream that the client has closed stays closed across restarts.
static void prepare_streams(struct monitor *m)
{
	make_nonblocking(m->input);
	for (int i = 0; i < SOURCES; i++) {
		struct source *s = &m->sources[i];
		make_nonblocking(s->fd);
		if (s->closed) {
			auto_close_run(&s->fd);
			s->fd = -1;
		}
	}
}

// Runs the runtime's VERB, which is "create" or "run".
static int run_verb(struct monitor *m, const char *verb, struct err *e)
{
	const char *const detach = str_equal(verb, "run") ? "--detach" : NULL;
	bool terminal = monitor_has_terminal(m);
	auto_strv words = {0};
	const char *const all[] = {verb, detach, "--bundle", m->directory, "--pid-file", "pid",
	                           terminal ? "--console-socket" : NULL, terminal ? "console" : NULL,
	                           record_id(&m->record)};

	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		if (all[i])
			strv_add(&words, all[i]);
	int r = terminal ? run_with_terminal(m, (const char *const *)words.items, e)
	                 : run_with_pipes(m, (const char *const *)words.items, e);
	return r < 0 ? r : read_pid(m, e);
}

// Creates and starts the container with one run of the runtime, which does not wait for its exit; or with two, if its
// network is connected in between.
static int run_container(struct monitor *m, struct err *e)
{
	int held[SHARED_COUNT];

	unlinkat(m->dir, "pid", 0);
	joined_follow(&m->record, m->containers);
	int r = sharing_hold(&m->record, m->store, held, e);
	if (r == 0)
		r = network_join(m->store, &m->record, &m->hold, e);
	if (r == 0)
		r = write_bundle_apart(m, e);
	if (r == 0 && monitor_must_stop(m))
		r = err_msg(e, ECANCELED, "it was stopped while it started");
	if (r == 0)
		r = run_verb(m, m->hold.connects ? "create" : "run", e);
	sharing_release(held);
	if (r < 0 || !m->hold.connects)
		return r;
	r = network_connect(m->store, &m->record, &m->hold, m->state.pid, e);
	if (r == 0)
		r = run_runtime(m, (const char *const[]){"start", record_id(&m->record), NULL}, (const int[3]){-1, -1, -1}, e);
	return r;
}

// The group is new, so its OOM counter starts at zero. If the container has exited already, its group is no longer in
// /proc: then use the one in the bundle.
static void watch_group(struct monitor *m)
{
	auto_free char *real = bundle_cgroup_of(&m->layout, record_id(&m->record), m->state.pid);
	auto_free char *wanted = real ? NULL : bundle_cgroup(record_id(&m->record), m->store);

	cgroup_reader_open_group(&m->group, &m->layout, real ? real : wanted, CGROUP_READ_OOM_KILLS, NULL);
}

int monitor_start(struct monitor *m, struct err *e)
{
	int64_t begin = clock_mono();

	m->state.phase = RUN_STARTING;
	m->ended = false;
	int r = run_container(m, e);
	if (r < 0) {
		monitor_forget(m);
		monitor_close_streams(m);
		return r;
	}
	watch_group(m);
	monitor_watch_network(m);
	prepare_streams(m);
	m->state.phase = RUN_RUNNING;
	m->state.started = clock_wall();
	m->state.start_ms = (double)(clock_mono() - begin) / MS;
	return 0;
}
