// The main loop of a monitor: see container/monitor.h.
#include "container/monitor.h"

#include <errno.h>
#include <fcntl.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "attach.h"
#include "base/clock.h"
#include "base/mem.h"
#include "model/param.h"
#include "clients.h"
#include "container/bundle/host.h"
#include "container/bundle/volume_users.h"
#include "container/store/image.h"
#include "container/store/journal.h"
#include "container/store/log.h"
#include "container/store/log_options.h"
#include "container/store/record.h"
#include "container/store/store.h"
#include "monitor.h"
#include "policy.h"
#include "sys/proc.h"

enum {
	LOCK_REST = 100,      // ms between attempts to get a lock
	STACK_MOST = 1 << 20, // bytes that a start may have used
};

static void record_end(struct monitor *m)
{
	// an earlier OOM kill is not the reason for this exit if a stop was requested
	bool oom = monitor_oom_kills(m) > 0 && !monitor_must_stop(m);

	m->state.phase = RUN_ENDED;
	m->state.stopped = monitor_must_stop(m);
	m->state.finished = clock_wall();
	m->state.code = WIFSIGNALED(m->status) ? 128 + WTERMSIG(m->status) : WEXITSTATUS(m->status);
	free(steal(m->state.reason));
	if (oom && m->state.code != 0)
		m->state.reason = mem_strdup("OOM");
	else if (WIFSIGNALED(m->status))
		m->state.reason =
		    mem_printf("SIG%s", sigabbrev_np(WTERMSIG(m->status)) ? sigabbrev_np(WTERMSIG(m->status)) : "?");
	monitor_note(m, JOURNAL_ENDED, m->state.code, m->state.reason);
}

// Returns the unused part of the stack to the kernel. Parts of the range may not be mapped.
static void return_stack(void)
{
	const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE),
	                used = (uintptr_t)__builtin_frame_address(0) / page * page - page;

	madvise((void *)(used - STACK_MOST), STACK_MOST, MADV_DONTNEED);
}

// Returns the memory that the start needed to the kernel: a host has many monitors, each of which sleeps for days.
static void return_memory(void)
{
#ifdef __GLIBC__
	malloc_trim(0);
#endif
	return_stack();
}

// Runs until the first process has exited, and records that.
static void watch_container(struct monitor *m)
{
	monitor_begin_health(m);
	return_memory();
	while (!m->ended)
		monitor_serve(m);
	monitor_end_health(m);
	monitor_drain(m);
	record_end(m);
	cgroup_reader_free(steal(m->group));
	monitor_forget(m);
	monitor_close_streams(m);
}

// Waits before a restart. A stop is signalled by the file "stopping"; the process that stops also signals this
// process.
static bool wait_for_restart(struct monitor *m, int64_t wait)
{
	int64_t until = clock_mono() + wait;

	m->state.phase = RUN_WAITING;
	monitor_write_state(m);
	while (!monitor_must_stop(m) && clock_mono() < until) {
		struct pollfd p = {m->signals, POLLIN, 0};
		poll(&p, 1, clock_poll_ms(until));
		monitor_read_signals(m);
	}
	return !monitor_must_stop(m);
}

// Reports to the process that requested the start; in the foreground that process becomes a client.
static void report_start(struct monitor *m, const struct err *e)
{
	auto_free char *text =
	    e ? mem_printf("%d %d %s", e->code, e->status, e->text) : mem_printf("ok %.3f", m->state.start_ms);

	if (m->foreground) {
		unsigned char header[ATTACH_HEADER];
		attach_header(header, ATTACH_RESULT, strlen(text));
		send(MONITOR_STARTER, header, sizeof(header), MSG_NOSIGNAL);
		send(MONITOR_STARTER, text, strlen(text), MSG_NOSIGNAL);
		if (!e)
			clients_add_foreground(&m->clients, MONITOR_STARTER);
	} else {
		dprintf(MONITOR_STARTER, "%s\n", text);
		close(MONITOR_STARTER);
	}
}

// Reads the record again: the policy and other settings for the next start may have changed.
static void reread_record(struct monitor *m)
{
	struct record r;
	struct err ignored;

	if (record_read(m->dir, &r, &ignored) < 0)
		return;
	free(r.name);
	free(r.id);
	r.name = mem_strdup(m->record.name);
	r.id = m->record.id ? mem_strdup(m->record.id) : NULL;
	record_done(&m->record);
	m->record = r;
	policy_parse(&m->policy, params_get(&m->record.params, PARAM_RESTART), &ignored);
}

static bool should_restart(struct monitor *m)
{
	int64_t wait;

	reread_record(m);
	if (monitor_must_stop(m))
		return false;
	bool allowed = policy_restarts(&m->policy, &m->history, m->state.code, clock_mono(), &wait);
	if (!allowed && policy_wants(&m->policy, m->state.code))
		monitor_note(m, JOURNAL_GAVE_UP, -1, "too many restarts");
	if (!allowed || !wait_for_restart(m, wait))
		return false;
	policy_note(&m->history, clock_mono());
	m->state.restarts++;
	return true;
}

// Locks the container's name, serving requests while a rename holds the lock. IF_WANTED: gives up when a stop is
// requested. Returns a descriptor, -EWOULDBLOCK (gave up) or another negative errno.
static int lock_name(struct monitor *m, bool if_wanted)
{
	int naming;

	while ((naming = store_lock(m->dir, "naming", false)) == -EWOULDBLOCK && !(if_wanted && monitor_must_stop(m)))
		monitor_rest(m, LOCK_REST * MS);
	return naming;
}

// Processes that wait for the exit status poll every 50 ms.
static void remove_container(struct monitor *m)
{
	struct err ignored;

	for (int i = 0; i < 40 && store_is_locked(m->dir, "waiting"); i++)
		poll(NULL, 0, 50);
	auto_close int naming = lock_name(m, false);
	monitor_follow_name(m);
	store_container_remove(m->containers, m->record.name, &ignored);
	volume_delete_anonymous(m->containers, &m->record);
	if (image_is_host(&m->record.image))
		host_tidy(m->containers);
}

// The final exit; WHY is the error if a restart failed, else NULL. The lock is released before the last output is
// delivered: a slow reader delays neither a start nor a removal.
static void finish_container(struct monitor *m, const char *why)
{
	m->state.phase = RUN_ENDED;
	if (why) {
		monitor_note(m, JOURNAL_FAILED, -1, why);
		free(m->state.reason);
		m->state.reason = mem_strdup(why);
	}
	monitor_write_state(m);
	clients_send_exit(&m->clients, m->state.code);
	unlinkat(m->dir, "stream", 0);
	unlinkat(m->dir, "stopping", 0);
	if (record_has(&m->record, PARAM_RM))
		remove_container(m);
	log_writer_done(&m->log);
	auto_close_run(&m->lock);
	clients_finish(&m->clients, CLIENTS_PATIENCE * MS);
	monitor_sweep(m);
}

static void record_start(struct monitor *m)
{
	monitor_write_state(m);
	monitor_note(m, JOURNAL_STARTED, -1, NULL);
}

// The configuration has paths in the container's directory, which must not be renamed meanwhile.
static int restart_once(struct monitor *m, struct err *e)
{
	auto_close int naming = lock_name(m, true);

	if (naming == -EWOULDBLOCK)
		return -ECANCELED;
	monitor_follow_name(m);
	return monitor_start(m, e);
}

// The container can be stopped even while another process keeps the networks locked.
static int restart(struct monitor *m, struct err *e)
{
	pid_t holder;
	int r;

	while ((r = restart_once(m, e)) == -ENOLCK && !monitor_must_stop(m)) {
		m->state.phase = RUN_WAITING;
		monitor_write_state(m);
		monitor_note_network(m, e->text);
		while (network_is_locked(m->store, &holder) && !monitor_must_stop(m))
			monitor_rest(m, LOCK_REST * MS);
	}
	return r == -ENOLCK ? -ECANCELED : r;
}

static int run_container(struct monitor *m)
{
	struct err e = {0};
	int r = monitor_start(m, &e);

	if (r < 0) { // the state of the last run is kept
		report_start(m, &e);
		return EXIT_FAILURE;
	}
	record_start(m);
	report_start(m, NULL);
	do {
		watch_container(m);
		r = should_restart(m) ? restart(m, &e) : -ECANCELED;
		if (r == 0)
			record_start(m);
	} while (r == 0);
	finish_container(m, r == -ECANCELED ? NULL : e.text);
	return EXIT_SUCCESS;
}

// Resources that a monitor needs. A limit that is too low would cause failures later, so it is reported at the start.
static int check_limits(struct err *e)
{
	static const struct {
		int resource;
		rlim_t least;
		const char *name, *option;
	} limits[] = {
		{RLIMIT_NOFILE, 40, "open files", "-n"}, // its own, those for a start, and some clients
		{RLIMIT_FSIZE, LOG_BYTES_MAX, "file size in bytes", "-f"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(limits); i++) {
		struct rlimit limit;
		if (getrlimit((__rlimit_resource_t)limits[i].resource, &limit) == 0 && limit.rlim_cur < limits[i].least)
			return err_msg(e, EMFILE, "the limit of %s is %llu, but the monitor needs %llu (raise it: ulimit %s)",
			               limits[i].name, (unsigned long long)limit.rlim_cur, (unsigned long long)limits[i].least,
			               limits[i].option);
	}
	return 0;
}

static int block_signals(struct monitor *m, struct err *e)
{
	sigset_t mask;

	sigemptyset(&mask);
	sigaddset(&mask, SIGCHLD);
	sigaddset(&mask, SIGTERM); // wakes the loop
	sigprocmask(SIG_BLOCK, &mask, NULL);
	signal(SIGHUP, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); // write(2) fails instead, as on a full disk
	m->signals = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
	return m->signals < 0 ? err_set(e, errno, "cannot listen for signals") : 0;
}

static int open_directory(struct monitor *m, struct err *e)
{
	m->dir = open(m->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (m->dir < 0 || fchdir(m->dir) < 0)
		return err_set(e, errno, "cannot open '%s'", m->directory);
	m->containers = openat(m->dir, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
	m->store = realpath("../..", NULL);
	return m->containers < 0 || !m->store ? err_set(e, errno, "cannot open '%s/..'", m->directory) : 0;
}

// Whether the starter has passed the lock.
static bool has_lock(const struct monitor *m)
{
	struct stat passed, ours;

	return fstat(MONITOR_LOCK, &passed) == 0 && fstatat(m->dir, "monitor", &ours, AT_SYMLINK_NOFOLLOW) == 0 &&
	       passed.st_dev == ours.st_dev && passed.st_ino == ours.st_ino;
}

// Moves the passed lock, and leaves /dev/null in its place. Returns the new descriptor or negative errno.
static int take_lock(void)
{
	auto_close int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	auto_close int lock = null < 0 ? -1 : fcntl(MONITOR_LOCK, F_DUPFD_CLOEXEC, MONITOR_STARTER + 1);

	return lock < 0 || dup2(null, MONITOR_LOCK) < 0 ? -errno : steal_fd(&lock);
}

// Held for the monitor's lifetime. The pid and start time in the file identify the holder reliably.
static int lock_monitor(struct monitor *m, struct err *e)
{
	uint64_t started = 0;

	m->lock = has_lock(m) ? take_lock() : store_lock(m->dir, "monitor", false);
	if (m->lock == -EWOULDBLOCK)
		return err_msg(e, EBUSY, "already running");
	if (m->lock < 0)
		return err_set(e, -m->lock, "cannot lock '%s'", m->directory);
	if (ftruncate(m->lock, 0) == 0 && proc_start_time(getpid(), &started) == 0)
		dprintf(m->lock, "%d %llu\n", (int)getpid(), (unsigned long long)started); // remains empty on a full disk
	return 0;
}

static int read_record(struct monitor *m, struct err *e)
{
	int r = record_read(m->dir, &m->record, e);

	if (r == 0) { // after an interrupted rename, the record may have another name
		free(m->record.name);
		m->record.name = mem_strdup(strrchr(m->directory, '/') + 1);
	}
	return r;
}

static int prepare_monitor(struct monitor *m, struct err *e)
{
	int r = check_limits(e);

	// the container's first process outlives the runtime and must come to us
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	m->state = (struct run_state){.boot = run_state_boot(), .monitor = getpid(), .code = -1};
	if (r == 0)
		r = block_signals(m, e);
	if (r == 0)
		r = open_directory(m, e);
	if (r == 0)
		r = lock_monitor(m, e);
	if (r == 0)
		r = read_record(m, e);
	if (r == 0)
		r = policy_parse(&m->policy, params_get(&m->record.params, PARAM_RESTART), e);
	return r < 0 ? r : cgroup_layout_read(&m->layout, e);
}

// Keeps the previous exit in the state of the new run.
static void keep_previous_exit(struct monitor *m)
{
	struct run_state before;
	struct err ignored;

	if (run_state_read(m->dir, &before, &ignored) == 0 && before.phase == RUN_ENDED) {
		m->state.finished = before.finished;
		m->state.code = before.code;
		m->state.reason = steal(before.reason);
	}
	run_state_done(&before);
}

// Only after taking the lock: the log and the socket may belong to another monitor.
static int open_streams(struct monitor *m, struct err *e)
{
	struct log_options options;
	int r = log_options_read(&options, &m->record.params, e);

	r = r < 0 ? r : log_writer_open(&m->log, m->dir, e);
	m->log.most = options.most;
	m->log.files = options.files;
	int listener = r < 0 ? r : monitor_listen(m, "stream");

	clients_open(&m->clients, listener < 0 ? -1 : listener);
	return r < 0 ? r : listener < 0 ? err_set(e, -listener, "cannot listen for clients") : 0;
}

int monitor_run(const char *directory, const char *program, const char *runtime, bool foreground)
{
	static struct monitor m; // too large for the stack: the input buffers of clients
	struct err e = {0};

	m = (struct monitor){.directory = mem_strdup(directory),
	                     .program = program,
	                     .runtime = runtime,
	                     .foreground = foreground,
	                     .lock = -1,
	                     .hold = NETWORK_HOLD_NONE,
	                     .watch = NETWORK_WATCH_NONE,
	                     .connecting = CONNECTING_NONE,
	                     .input = -1,
	                     .sources = {{-1, "stdout", ATTACH_STDOUT, false},
	                                 {-1, "stdout", ATTACH_STDOUT, false},
	                                 {-1, "stderr", ATTACH_STDERR, false}}};
	clients_open(&m.clients, -1);
	pid_t child = fork();
	if (child > 0) // the starter reaps this process right away
		_exit(EXIT_SUCCESS);
	int r = child < 0
	            ? err_set(&e, errno, "cannot start the monitor (the limit of processes, ulimit -u, may be too low)")
	            : prepare_monitor(&m, &e);
	if (r == 0)
		r = open_streams(&m, &e);
	if (r == 0)
		keep_previous_exit(&m);
	if (r < 0) {
		report_start(&m, &e);
		return EXIT_FAILURE;
	}
	return run_container(&m);
}
