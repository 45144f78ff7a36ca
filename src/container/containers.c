// Opening the containers of this host, looking at them, and hearing of changes: see container/containers.h.
#include "container/containers.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "container/bundle.h"
#include "container/journal.h"
#include "parts.h"
#include "sys/fs.h"
#include "sys/proc.h"

enum { STATUS_MAX = 4 << 20 }; // bytes of /proc/PID/status

#define RELIST (5 * SECOND) // a monitor that was killed says nothing

static int find_programs(struct containers *c, struct err *e)
{
	const char *wanted = getenv("HOSTEL_RUNTIME");

	c->program = proc_find_program(wanted && *wanted ? wanted : "bunk");
	c->monitor_program = proc_find_program("hostel-monitor");
	if (!c->program || !c->monitor_program)
		return err_msg(e, ENOENT, "'%s' is not installed beside hostel or in PATH", c->program ? "hostel-monitor" : "bunk");
	return 0;
}

// A user has few inotify instances (sysctl fs.inotify.max_user_instances). Without one, changes are found by looking every RELIST.
// Only who waits for changes needs one: closing it again costs 10 ms and more, as the kernel lets all readers go first.
static void watch_store(struct containers *c)
{
	auto_free char *path = mem_printf("%s/containers", c->store.path);

	c->watched = true;
	c->changes = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (c->changes >= 0)
		inotify_add_watch(c->changes, path, IN_ATTRIB | IN_CREATE | IN_DELETE | IN_MOVED_TO | IN_MOVED_FROM);
}

int containers_open(struct containers **out, const char *where, bool read_only, struct err *e)
{
	struct containers *c = mem_new(sizeof(*c));

	c->read_only = read_only;
	c->changes = c->wake = c->foreground.line = -1;
	c->store.containers = c->store.layers = -1;
	pthread_mutex_init(&c->lock, NULL);
	c->boot = run_state_boot();
	int r = find_programs(c, e);
	if (r == 0)
		r = store_open(&c->store, where, e);
	if (r == 0)
		r = cgroup_layout_read(&c->layout, e);
	c->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (r == 0 && c->wake < 0)
		r = err_set(e, errno, "cannot make an eventfd");
	if (r < 0) {
		containers_close(c);
		return r;
	}
	*out = c;
	return 0;
}

void containers_close(struct containers *c)
{
	if (!c)
		return;
	measure_done(c);
	auto_close_run(&c->changes);
	auto_close_run(&c->wake);
	auto_close_run(&c->foreground.line);
	free(c->foreground.name);
	cgroup_layout_done(&c->layout);
	store_done(&c->store);
	pthread_mutex_destroy(&c->lock);
	free(c->program);
	free(c->monitor_program);
	free(c->boot);
	free(c);
}

int containers_wait(struct containers *c, int64_t timeout, struct err *e)
{
	int64_t until = clock_mono() + (timeout < RELIST ? timeout : RELIST);
	struct pollfd p[] = {{c->changes, POLLIN, 0}, {c->wake, POLLIN, 0}};
	char events[4096];
	uint64_t count;

	if (!c->watched) {
		watch_store(c);
		return 1; // there may have been changes before
	}
	for (;;) {
		int n = poll(p, 2, clock_poll_ms(until));
		if (n < 0 && errno != EINTR)
			return err_set(e, errno, "cannot wait for changes");
		if (n == 0)
			return timeout >= RELIST;
		if (n > 0)
			break;
	}
	while (read(c->changes, events, sizeof(events)) > 0)
		;
	return p[1].revents && read(c->wake, &count, sizeof(count)) > 0 ? 0 : 1;
}

void containers_wake(struct containers *c)
{
	eventfd_write(c->wake, 1);
}

// --- looking at one ---


void view_done(struct view *v)
{
	auto_close_run(&v->dir);
	v->dir = -1;
	record_done(&v->record);
	run_state_done(&v->state);
}

int view_open(struct view *v, struct containers *c, const char *name, struct err *e)
{
	struct err damage;

	*v = (struct view){.dir = store_container_open(&c->store, name, e)};
	if (v->dir < 0)
		return v->dir;
	v->damaged = run_state_read(v->dir, &v->state, &damage) < 0;
	v->watched = store_is_locked(v->dir, "monitor"); // in this order: what has just started is not taken for left alone
	int r = record_read(v->dir, &v->record, e);
	if (r < 0) {
		err_wrap(e, "container '%s'", name);
		err_hint(e, "'hostel rm --force %s' removes it", name);
		return r == -ENOENT ? -EINVAL : r; // it is there, but not whole
	}
	free(v->record.name);
	v->record.name = mem_strdup(name); // a rename moves the directory only
	v->running = v->state.phase == RUN_RUNNING && str_equal(v->state.boot, c->boot) && proc_is_alive(v->state.pid, v->state.pid_started);
	return 0;
}

// --- what the list shows ---

static bool is_frozen(struct containers *c, const struct view *v)
{
	auto_free char *group = bundle_cgroup_of(&c->layout, v->record.name, v->state.pid);
	bool v2 = c->layout.mode == CGROUP_V2;
	auto_free char *directory = !group ? NULL : cgroup_directory(&c->layout, v2 ? CGROUP_MEMORY : CGROUP_FREEZER, group);
	auto_free char *file = directory ? mem_printf("%s/%s", directory, v2 ? "cgroup.freeze" : "freezer.state") : NULL;
	char text[32];

	return file && proc_read_file(file, text, sizeof(text)) > 0 && (text[0] == '1' || str_starts(text, "FR"));
}

static const char monitor_died[] = "monitor died", state_damaged[] = "state was damaged";

enum workload_state view_state(struct containers *c, const struct view *v)
{
	if (v->watched && v->running) {
		if (store_is_locked(v->dir, "stopping"))
			return STATE_STOPPING;
		return is_frozen(c, v) ? STATE_PAUSED : STATE_RUNNING;
	}
	if (v->watched && v->state.phase == RUN_RUNNING) // its monitor writes down the last of its output, and then how it ended
		return STATE_STOPPING;
	if (v->damaged)
		return STATE_UNKNOWN;
	if (v->state.phase == RUN_NEVER || v->state.phase == RUN_STARTING)
		return STATE_CREATED;
	return str_equal(v->state.reason, monitor_died) || str_equal(v->state.reason, state_damaged) ? STATE_CRASHED : STATE_EXITED;
}

static const struct {
	const char *file;
	enum barrier barrier;
} namespaces[] = {
	{"user", BARRIER_USER_NS}, {"pid", BARRIER_PID_NS}, {"mnt", BARRIER_MOUNT_NS},       {"net", BARRIER_NET_NS},
	{"ipc", BARRIER_IPC_NS},   {"uts", BARRIER_UTS_NS}, {"cgroup", BARRIER_CGROUP_NS},
};

static void read_namespaces(struct posture *p, pid_t pid)
{
	for (size_t i = 0; i < ARRAY_SIZE(namespaces); i++) {
		auto_free char *theirs = mem_printf("/proc/%d/ns/%s", (int)pid, namespaces[i].file);
		auto_free char *ours = mem_printf("/proc/self/ns/%s", namespaces[i].file);
		struct stat a, b;
		if (stat(theirs, &a) == 0 && stat(ours, &b) == 0)
			posture_set(p, namespaces[i].barrier, a.st_ino != b.st_ino);
	}
}

static void read_posture(struct workload *w, pid_t pid)
{
	char text[8192];
	auto_free char *status = mem_printf("/proc/%d/status", (int)pid), *facts = NULL;
	auto_free char *label = mem_printf("/proc/%d/attr/current", (int)pid);

	if (fs_read_file(AT_FDCWD, status, STATUS_MAX, &facts, NULL) <= 0) // it may list 65536 groups
		return;
	posture_from_status(&w->posture, facts);
	read_namespaces(&w->posture, pid);
	if (proc_read_file(label, text, sizeof(text)) > 0)
		posture_set(&w->posture, BARRIER_LSM, !str_starts(text, "unconfined") && !str_starts(text, "kernel"));
}

// Memory and tasks as the kernel has them, not as they were asked for.
static void read_limits(struct containers *c, struct workload *w)
{
	auto_free char *group = bundle_cgroup_of(&c->layout, w->name, w->pid);
	struct cgroup_reader *reader;
	struct cgroup_figures f;

	if (!group || cgroup_reader_open_group(&reader, &c->layout, group, NULL) < 0)
		return;
	if (cgroup_reader_read(reader, CGROUP_READ_MEMORY | CGROUP_READ_PIDS, &f) == 0) {
		w->memory_limit = f.memory_limit == CGROUP_MISSING ? 0 : f.memory_limit;
		posture_set(&w->posture, BARRIER_LIMITS, f.memory_limit != CGROUP_MISSING && f.pids_limit != CGROUP_MISSING);
	}
	cgroup_reader_free(reader);
}

static bool has_room(struct containers *c)
{
	struct statvfs fs;

	return fstatvfs(c->store.containers, &fs) < 0 || fs.f_bavail * fs.f_frsize >= 64 * 1024;
}

static void fill(struct containers *c, const struct view *v, struct workload *w)
{
	const char *label;

	w->id = mem_printf("local/bunk/%s", v->record.name);
	w->name = mem_strdup(v->record.name);
	w->host = mem_strdup("local");
	w->engine = mem_strdup("bunk");
	w->kind = KIND_CONTAINER;
	w->state = view_state(c, v);
	w->image = mem_strdup(v->record.image.reference);
	w->command = bundle_command(&v->record);
	w->created = v->record.created;
	w->started = v->state.started;
	w->finished = v->state.finished;
	w->exit_code = w->state == STATE_EXITED || w->state == STATE_CRASHED ? v->state.code : -1;
	w->reason = v->running ? NULL : mem_strdup(v->state.reason);
	w->cpus = bundle_cpus(&v->record);
	w->memory_limit = bundle_memory(&v->record);
	w->restarts = v->state.restarts;
	w->persistent = !record_has(&v->record, "rm");
	w->start_ms = v->state.start_ms;
	for (size_t i = 0; (label = params_get_nth(&v->record.params, "label", i)); i++)
		strv_add(&w->labels, label);
	if (v->running) {
		w->pid = v->state.pid;
		w->finished = 0;
		w->last_finished = v->state.finished;
		w->last_exit_code = v->state.finished ? v->state.code : 0;
		w->last_reason = v->state.finished ? mem_strdup(v->state.reason) : NULL;
		read_posture(w, v->state.pid);
		read_limits(c, w);
	}
	if (v->state.phase == RUN_WAITING && v->watched)
		w->trouble = mem_strdup("waits to be restarted");
	if (v->running && !has_room(c))
		w->trouble = mem_strdup("its store has no room left: what it writes now is in no log");
	if (v->damaged)
		w->trouble = mem_strdup("its state.json is damaged; its end will mend it");
	pid_t stopped = monitor_stopped(v);
	if (stopped)
		w->trouble = mem_printf("its monitor is stopped by a signal (continue it: kill -CONT %d)", (int)stopped);
}

bool view_is_left_alone(struct containers *c, const struct view *v)
{
	bool idle = v->state.phase == RUN_NEVER || v->state.phase == RUN_ENDED;

	return !v->watched && (v->damaged || !idle || runtime_knows(c, v->record.name));
}

// What the runtime remembers of another boot is not to be acted on: the numbers of its processes are others' now.
static void forget(struct containers *c, const char *name, bool same_boot)
{
	struct err ignored;

	if (same_boot) {
		runtime_run(c, (const char *const[]){"delete", "--force", name, NULL}, NULL, NULL, &ignored);
		return;
	}
	auto_close int runtime = open(c->store.runtime, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (runtime >= 0)
		fs_remove_tree(runtime, name, NULL);
}

// When it ended is not known: the time of the last thing that its monitor wrote is.
static int64_t last_sign(const struct view *v)
{
	static const char *const files[] = {"log", "state.json", "journal"};
	int64_t last = 0;

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		struct stat st;
		if (fstatat(v->dir, files[i], &st, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		int64_t at = st.st_mtim.tv_sec * SECOND + st.st_mtim.tv_nsec;
		last = at > last ? at : last;
	}
	return last;
}

static bool is_same_boot(const struct containers *c, const struct view *v)
{
	return !v->state.boot || str_equal(v->state.boot, c->boot);
}

// In memory only. LIVED: the container was still running.
static void note_end(struct view *v, bool same_boot, bool lived)
{
	v->state.phase = RUN_ENDED;
	v->state.finished = lived ? clock_wall() : last_sign(v);
	v->state.code = -1;
	free(v->state.reason);
	v->state.reason = mem_strdup(v->damaged ? state_damaged : same_boot ? monitor_died : "host restarted");
	v->damaged = false;
}

// A container that runs, or half runs, without a monitor: the host went down, or the monitor was killed, perhaps while it started or ended the container.
// In the second case the container may still live, cut off from its log; it is killed, so that the list is true.
int view_recover(struct containers *c, struct view *v, bool really)
{
	struct err ignored;

	if (!view_is_left_alone(c, v) || !really)
		return 0;
	auto_close int lock = store_lock(v->dir, "lock", false);
	if (lock < 0 || store_is_locked(v->dir, "monitor")) // another process is changing it
		return -EBUSY;
	run_state_done(&v->state); // it may have ended while we looked
	v->damaged = run_state_read(v->dir, &v->state, &ignored) < 0;
	v->running = false;
	if (!view_is_left_alone(c, v))
		return 0;
	bool same_boot = is_same_boot(c, v);
	bool lived = same_boot && proc_is_alive(v->state.pid, v->state.pid_started);
	if (runtime_knows(c, v->record.name))
		forget(c, v->record.name, same_boot);
	if (v->state.phase == RUN_ENDED) // it was only not cleared away
		return 0;
	note_end(v, same_boot, lived);
	int r = run_state_write(v->dir, &v->state, &ignored);
	struct journal_entry lost = {.time = clock_wall(), .event = JOURNAL_LOST, .code = -1, .restarts = v->state.restarts};
	snprintf(lost.reason, sizeof(lost.reason), "%s", v->state.reason);
	journal_note(v->dir, &lost);
	return r;
}

// The mark of a stop whose process was killed: the container runs on, and so does its restart policy.
static void clear_stale_mark(const struct view *v)
{
	if (v->watched && faccessat(v->dir, "stopping", F_OK, 0) == 0 && !store_is_locked(v->dir, "stopping"))
		unlinkat(v->dir, "stopping", 0);
}

static void recover(struct containers *c, struct view *v)
{
	view_recover(c, v, true);
	clear_stale_mark(v);
}

// Shows the state after a recovery, but writes and kills nothing: a container that lives without its monitor is still running.
static void show_recovered(struct containers *c, struct view *v)
{
	bool same_boot = is_same_boot(c, v);

	if (view_is_left_alone(c, v) && v->state.phase != RUN_ENDED && !(same_boot && proc_is_alive(v->state.pid, v->state.pid_started)))
		note_end(v, same_boot, false);
}

static void list_one(struct containers *c, const char *name, struct inventory *inv)
{
	struct workload w = {0};
	auto_view v = {.dir = -1};
	struct err e = {0};

	int r = view_open(&v, c, name, &e);

	if (r == -ENOENT) // deleted since the directory was read
		return;
	if (r < 0) { // damaged: still there, and it says so
		w = (struct workload){.id = mem_printf("local/bunk/%s", name), .name = mem_strdup(name), .host = mem_strdup("local"), .engine = mem_strdup("bunk"),
		                      .kind = KIND_CONTAINER, .state = STATE_UNKNOWN, .exit_code = -1, .trouble = mem_strdup(e.text)};
		inventory_upsert(inv, &w);
		return;
	}
	if (c->read_only)
		show_recovered(c, &v);
	else
		recover(c, &v);
	fill(c, &v, &w);
	if (v.running)
		measure_see(c, &v);
	inventory_upsert(inv, &w);
}

// What the runtime has and the store has not: its monitor was killed while it made it, and then it was deleted. The runtime is asked first: a
// container is in the store before it is started, and until it is deleted.
static void end_orphans(struct containers *c)
{
	DIR *dir = opendir(c->store.runtime);
	struct dirent *entry;
	struct err ignored;

	while (dir && (entry = readdir(dir)))
		if (str_is_name(entry->d_name) && faccessat(c->store.containers, entry->d_name, F_OK, AT_SYMLINK_NOFOLLOW) < 0 && errno == ENOENT)
			runtime_run(c, (const char *const[]){"delete", "--force", entry->d_name, NULL}, NULL, NULL, &ignored);
	if (dir)
		closedir(dir);
}

int containers_list(struct containers *c, struct inventory *inv, struct err *e)
{
	int fd = openat(c->store.containers, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (!dir) {
		auto_close_run(&fd);
		return err_set(e, errno, "cannot read '%s/containers'", c->store.path);
	}
	measure_begin(c);
	while ((entry = readdir(dir)))
		if (str_is_name(entry->d_name))
			list_one(c, entry->d_name, inv);
	measure_end(c);
	closedir(dir);
	if (!c->read_only) {
		store_sweep(&c->store);
		end_orphans(c);
	}
	return 0;
}
