// SPDX-License-Identifier: LGPL-2.1-or-later
// The verbs on existing containers: start, state, kill, delete, list, ps, pause, resume, update.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "bunk/bunk.h"
#include "bunk/container/container.h"
#include "bunk/container/phase.h"
#include "bunk/groups/groups.h"
#include "bunk/groups/limits.h"
#include "bunk/groups/rdt.h"
#include "bunk/groups/scope.h"
#include "bunk/make/make.h"
#include "bunk/process/hooks.h"
#include "bunk/process/notify.h"
#include "bunk/read/config.h"
#include "bunk/state/state.h"
#include "sys/fs.h"
#include "sys/proc.h"
#include "verbs.h"

#define PATIENCE (10 * SECOND) // how long to wait for the exit of a killed process
#define SOON (INT64_C(200000000)) // nanoseconds in which most killed processes exit

int container_pidfd(const struct container *c)
{
	return proc_open(c->state.pid, c->state.pid_started);
}

static int connect_start(const struct container *c, struct err *e)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	auto_close int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d/start", c->state_fd);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
		return steal_fd(&fd);
	if (fd < 0 || errno != ECONNREFUSED)
		return err_set(e, errno, "cannot connect to container '%s'", c->id);
	unlinkat(c->state_fd, "start", 0); // `start` was killed before it could remove it
	return err_msg(e, EINVAL, "cannot start container '%s': it is running", c->id);
}

static int late_hooks(struct container *c, enum hook_kind kind, enum bunk_status status, pid_t pid, struct err *e)
{
	size_t n = c->config_text ? strlen(c->config_text) : 0;

	if (!n || !memmem(c->config_text, n, "\"hooks\"", 7))
		return 0; // avoids parsing the configuration again, as most have no hooks
	if (!c->config.document && config_parse(&c->config, "config.json", c->config_text, n, NULL, NULL, NULL) < 0)
		return 0;
	return hooks_run(c, kind, status, pid, e);
}

static void load_config_text(struct container *c)
{
	if (!c->config_text && c->state_fd >= 0)
		fs_read_file(c->state_fd, "config.json", 16 << 20, &c->config_text, NULL);
}

static int start_container(struct container *c, struct err *e)
{
	enum bunk_status now = state_now(c);

	if (now != BUNK_CREATED)
		return err_msg(e, EINVAL, "cannot start container '%s': it is %s", c->id, bunk_status_name(now));
	int r = notify_listen(c, e);
	auto_close int connection = r < 0 ? r : connect_start(c, e);
	if (connection < 0)
		return connection;
	r = phase_wait_end(connection, e);
	unlinkat(c->state_fd, "start", 0);
	if (r < 0)
		return err_wrap(e, "container '%s'", c->id);
	load_config_text(c);
	state_unlock(c); // a hook may run other verbs on the container
	r = late_hooks(c, HOOK_POSTSTART, BUNK_RUNNING, c->state.pid, e);
	auto_close int pidfd = r < 0 || c->notify >= 0 ? container_pidfd(c) : -1;
	if (r == 0 && pidfd >= 0)
		r = notify_wait(c, c->state.pid, pidfd, e);
	if (r == 0)
		return 0;
	groups_kill(&c->groups, SIGKILL, NULL); // runtime.md "Lifecycle", step 9: the container is stopped
	if (pidfd >= 0)
		pidfd_send_signal(pidfd, SIGKILL, NULL, 0);
	return err_wrap(e, "container '%s'", c->id);
}

static int wait_end(int pidfd, int64_t patience, struct err *e)
{
	struct pollfd p = {.fd = pidfd, .events = POLLIN};
	int64_t deadline = clock_mono() + patience;

	for (;;) {
		int left = clock_poll_ms(deadline);

		if (poll(&p, 1, left) > 0)
			return 0;
		if (left == 0)
			return err_msg(e, ETIMEDOUT, "its process cannot be killed");
	}
}

int container_destroy(struct container *c, struct err *e)
{
	bool interrupted = c->state.status == BUNK_CREATING;
	auto_close int pidfd = interrupted ? -1 : container_pidfd(c);

	if (interrupted) {
		groups_remove_unmarked(&c->groups);
		groups_disown(c);
	}
	int r = pidfd >= 0 ? groups_kill(&c->groups, SIGKILL, e) : 0;

	if (pidfd >= 0 && r >= 0) {
		pidfd_send_signal(pidfd, SIGKILL, NULL, 0);
		if (wait_end(pidfd, SOON, NULL) < 0) // it may be in another, frozen group
			groups_release(&c->groups, c->state.pid);
		r = wait_end(pidfd, PATIENCE, e);
	}
	if (r >= 0)
		r = groups_end(&c->groups, e);
	if (r < 0)
		return err_wrap(e, "container '%s'", c->id);
	rdt_leave(c);
	load_config_text(c);
	state_remove(c);
	state_unlock(c);
	late_hooks(c, HOOK_POSTSTOP, BUNK_STOPPED, 0, NULL);
	return 0;
}

// While the container is being created the pid is its creator's.
static int check_process(const struct container *c, enum bunk_status now, struct err *e)
{
	if (now == BUNK_STOPPED)
		return err_msg(e, ESRCH, "container '%s' is not running", c->id);
	return now == BUNK_CREATING ? err_msg(e, EINVAL, "container '%s' is creating", c->id) : 0;
}

// Whether the first process is pid 1 of a pid namespace: then all others are killed when it exits (pid_namespaces(7)).
static bool has_pid_namespace(const struct container *c)
{
	auto_free char *path = mem_printf("/proc/%d/status", c->state.pid);
	char text[4096];
	const char *line = proc_read_file(path, text, sizeof(text)) > 0 ? strstr(text, "\nNSpid:") : NULL;
	size_t n = line ? strcspn(line + 1, "\n") : 0;

	return n > 2 && strncmp(line + 1 + n - 2, "\t1", 2) == 0;
}

static int send_signal(struct container *c, int signal, bool all, struct err *e)
{
	enum bunk_status now = state_now(c);

	// other processes may have outlived the first one
	if (now == BUNK_STOPPED && (all || signal == SIGKILL) && groups_kill(&c->groups, signal, NULL) > 0)
		return 0;
	int r = check_process(c, now, e);
	auto_close int pidfd = r < 0 ? r : container_pidfd(c);

	if (r == 0 && pidfd < 0)
		r = err_msg(e, ESRCH, "container '%s' is not running", c->id);
	if (r < 0)
		return r;
	if (all || (signal == SIGKILL && !has_pid_namespace(c))) {
		r = groups_kill(&c->groups, signal, e);
		if (r != 0)
			return r < 0 ? err_wrap(e, "container '%s'", c->id) : 0;
	}
	if (pidfd_send_signal(pidfd, signal, NULL, 0) < 0)
		return err_set(e, errno, "cannot signal container '%s'", c->id);
	if (now == BUNK_PAUSED && signal == SIGKILL)
		groups_release(&c->groups, 0);
	return 0;
}

static int delete_container(struct container *c, bool force, struct err *e)
{
	enum bunk_status now = state_now(c);

	if (now != BUNK_STOPPED && now != BUNK_CREATED && !force)
		return err_msg(e, EBUSY, "container '%s' is %s (stop it first, or use --force)", c->id, bunk_status_name(now));
	return container_destroy(c, e);
}

static int change_freeze(struct container *c, bool freeze, struct err *e)
{
	enum bunk_status now = state_now(c);

	if (freeze ? now != BUNK_RUNNING && now != BUNK_CREATED : now != BUNK_PAUSED)
		return err_msg(e, EINVAL, "cannot %s container '%s': it is %s", freeze ? "pause" : "resume", c->id,
		               bunk_status_name(now));
	int r = groups_freeze(&c->groups, freeze, e);
	return r < 0 ? err_wrap(e, "container '%s'", c->id) : 0;
}

static int update_limits(struct container *c, const char *resources, struct err *e)
{
	if (state_now(c) == BUNK_STOPPED)
		return err_msg(e, EINVAL, "container '%s' is not running", c->id);
	int r = config_parse_resources(&c->config, "resources", resources, strlen(resources), e);
	if (r == 0 && limits_asked(&c->config.resources) && !c->groups.joined.count)
		r = err_msg(e, EOPNOTSUPP, "cannot set limits: it has no control group of its own");
	if (r == 0)
		r = cgroup_layout_read(&c->groups.layout, e);
	limits_complete(&c->groups, &c->config.resources);
	if (r == 0)
		r = limits_apply(c, &c->config.resources, e);
	if (r == 0 && c->groups.scope && c->groups.v2)
		r = scope_update(c, &c->config.resources, e);
	return r < 0 ? err_wrap(e, "container '%s'", c->id) : 0;
}

static int update_rdt(struct container *c, const char *l3_schema, const char *bandwidth_schema, struct err *e)
{
	int r = state_now(c) == BUNK_STOPPED ? err_msg(e, EINVAL, "it is not running") : state_load_config(c, e);

	if (r == 0)
		r = rdt_update(c, l3_schema, bandwidth_schema, e);
	return r < 0 ? err_wrap(e, "container '%s'", c->id) : 0;
}

// SIGTERM makes the creator undo the creation and exit. If the container started before that, its creator continues
// without the lock. A creator that does neither is killed.
static int end_creator(struct container *c, int pidfd)
{
	int64_t deadline = clock_mono() + PATIENCE;

	pidfd_send_signal(pidfd, SIGTERM, NULL, 0);
	while (wait_end(pidfd, SOON, NULL) < 0) {
		if (state_lock(c, STATE_TRY, NULL) != -EWOULDBLOCK)
			return 0;
		if (clock_mono() > deadline)
			return pidfd_send_signal(pidfd, SIGKILL, NULL, 0);
	}
	return 0;
}

static int kill_first_process(struct container *c)
{
	auto_close int pidfd = container_pidfd(c);

	if (pidfd < 0)
		return 0;
	return c->state.status == BUNK_CREATING ? end_creator(c, pidfd) : pidfd_send_signal(pidfd, SIGKILL, NULL, 0);
}

// Opens the container, locked against other verbs, runs ACT and closes it.
#define WITH_CONTAINER(B, ID, LOCK, E, ACT)              \
	({                                               \
		struct container c;                      \
		container_init(&c, B, ID);               \
		int r_ = state_open(&c, LOCK, E);        \
		if (r_ == 0)                             \
			r_ = (ACT);                      \
		container_done(&c);                      \
		r_;                                      \
	})

int bunk_start(const struct bunk *b, const char *id, struct err *e)
{
	return WITH_CONTAINER(b, id, STATE_LOCK, e, start_container(&c, e));
}

int bunk_kill(const struct bunk *b, const char *id, int signal, bool all, struct err *e)
{
	// a single signal does not interfere with other verbs, and must reach a container whose start hangs
	return WITH_CONTAINER(b, id, all ? STATE_LOCK : STATE_READ, e, send_signal(&c, signal, all, e));
}

// Removes a state that a full or broken disk has damaged. Its processes and groups are unknown.
static int remove_damaged(const struct bunk *b, const char *id)
{
	struct container c;

	container_init(&c, b, id);
	if (state_open(&c, STATE_LOCK, NULL) == -EUCLEAN)
		state_remove(&c);
	container_done(&c);
	return 0;
}

int bunk_delete(const struct bunk *b, const char *id, bool force, struct err *e)
{
	int r = force ? WITH_CONTAINER(b, id, STATE_TRY, e, delete_container(&c, force, e)) : -EWOULDBLOCK;

	if (force && r == -EWOULDBLOCK) // the verb that holds the lock may be waiting for this process
		WITH_CONTAINER(b, id, STATE_READ, NULL, kill_first_process(&c));
	if (r == -EWOULDBLOCK)
		r = WITH_CONTAINER(b, id, STATE_LOCK, e, delete_container(&c, force, e));
	if (force && r == -EUCLEAN)
		return remove_damaged(b, id);
	return r == -ENOENT && force && state_check_id(id, NULL) == 0 ? 0 : r;
}

int bunk_pause(const struct bunk *b, const char *id, struct err *e)
{
	return WITH_CONTAINER(b, id, STATE_LOCK, e, change_freeze(&c, true, e));
}

int bunk_resume(const struct bunk *b, const char *id, struct err *e)
{
	return WITH_CONTAINER(b, id, STATE_LOCK, e, change_freeze(&c, false, e));
}

int bunk_update(const struct bunk *b, const char *id, const char *resources, struct err *e)
{
	return WITH_CONTAINER(b, id, STATE_LOCK, e, update_limits(&c, resources, e));
}

int bunk_update_rdt(const struct bunk *b, const char *id, const char *l3_schema, const char *bandwidth_schema,
                    struct err *e)
{
	return WITH_CONTAINER(b, id, STATE_LOCK, e, update_rdt(&c, l3_schema, bandwidth_schema, e));
}

static int move_state(struct container *c, struct bunk_state *state)
{
	c->state.status = state_now(c);
	if (c->state.status == BUNK_STOPPED)
		c->state.pid = 0;
	*state = c->state;
	c->state = (struct bunk_state){0};
	return 0;
}

int bunk_state(const struct bunk *b, const char *id, struct bunk_state *state, struct err *e)
{
	*state = (struct bunk_state){0};
	return WITH_CONTAINER(b, id, STATE_READ, e, move_state(&c, state));
}

static int by_id(const void *a, const void *b)
{
	return strcmp(((const struct bunk_state *)a)->id, ((const struct bunk_state *)b)->id);
}

int bunk_list(const struct bunk *b, struct bunk_state **states, size_t *count, struct err *e)
{
	int root = state_root(b, false, NULL);
	DIR *dir = root < 0 ? NULL : fdopendir(root);
	struct dirent *entry;

	*states = NULL;
	*count = 0;
	if (root < 0 && root != -ENOENT)
		return state_root(b, false, e);
	while (dir && (entry = readdir(dir))) {
		struct bunk_state state;

		if (state_check_id(entry->d_name, NULL) < 0 || bunk_state(b, entry->d_name, &state, NULL) < 0)
			continue; // removed meanwhile, or not a container
		*states = mem_resize(*states, *count + 1, sizeof(**states));
		(*states)[(*count)++] = state;
	}
	if (dir)
		closedir(dir);
	if (*count)
		qsort(*states, *count, sizeof(**states), by_id);
	return 0;
}

static bool same_namespace(const char *pid, const char *wanted)
{
	auto_free char *path = mem_printf("/proc/%s/ns/pid", pid);
	char link[64] = "";

	return readlink(path, link, sizeof(link) - 1) > 0 && str_equal(link, wanted);
}

// Without control groups: lists all processes in its pid namespace, if that is its own.
static void processes_by_namespace(pid_t first, pid_t **pids, size_t *count)
{
	auto_free char *path = mem_printf("/proc/%d/ns/pid", first);
	char wanted[64] = "";
	uint64_t pid;

	*pids = mem_new(sizeof(**pids));
	(*pids)[0] = first;
	*count = 1;
	if (readlink(path, wanted, sizeof(wanted) - 1) <= 0 || same_namespace("self", wanted))
		return;
	DIR *dir = opendir("/proc");
	struct dirent *entry;
	while (dir && (entry = readdir(dir))) {
		if (str_to_u64(entry->d_name, &pid) < 0 || (pid_t)pid == first || !same_namespace(entry->d_name, wanted))
			continue;
		*pids = mem_resize(*pids, *count + 1, sizeof(**pids));
		(*pids)[(*count)++] = (pid_t)pid;
	}
	if (dir)
		closedir(dir);
}

static int list_processes(struct container *c, pid_t **pids, size_t *count, struct err *e)
{
	enum bunk_status now = state_now(c);
	int r = now == BUNK_STOPPED ? 0 : check_process(c, now, e);

	if (r < 0)
		return r;
	if (c->groups.joined.count) // also if the first process has exited
		return groups_pids(&c->groups, pids, count, e);
	if (now != BUNK_STOPPED)
		processes_by_namespace(c->state.pid, pids, count);
	return 0;
}

int bunk_processes(const struct bunk *b, const char *id, pid_t **pids, size_t *count, struct err *e)
{
	*pids = NULL;
	*count = 0;
	return WITH_CONTAINER(b, id, STATE_READ, e, list_processes(&c, pids, count, e));
}
