// What the files of the engine's side of containers share among themselves.
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <sys/types.h>

#include "base/clock.h"
#include "container/containers.h"
#include "container/record.h"
#include "sys/cgroup.h"

// A running container as sampling knows it.
struct measured {
	char *name;
	pid_t pid;
	uint64_t pid_started;
	struct cgroup_reader *group; // NULL: it has no group of its own, its processes are counted
	bool own_network;
	uint64_t memory_limit;
	bool seen;                   // by the current list
};

// The container that was last started in the foreground, until it is attached to. It may have ended, and with --rm be gone, before that.
struct foreground {
	int line; // to its monitor, -1: none
	char *name;
	bool terminal, interactive;
};

struct containers {
	struct store store;
	bool read_only;
	struct cgroup_layout layout;
	char *program; // the runtime
	char *monitor_program;
	char *boot;
	pthread_mutex_t lock; // of the rows below
	struct measured *measured;
	size_t measured_count;
	int changes, wake; // inotify(7), eventfd(2)
	bool watched;      // changes are, since the first wait
	struct foreground foreground;
};

// Reasons of an end that no monitor wrote down.
#define REASON_MONITOR_DIED "monitor died"
#define REASON_STATE_DAMAGED "state was damaged"

// Everything that is known about one container.
struct view {
	int dir;
	struct record record;
	struct run_state state;
	bool watched; // its monitor lives
	bool running; // its first process lives
	bool damaged; // its state cannot be read
};
// After a failure V->dir tells whether there is such a directory at all (its record is damaged then), or -1.
int view_open(struct view *v, struct containers *c, const char *name, struct err *e);
void view_done(struct view *v);
// Whether it runs, or half runs, without a monitor, or the runtime still has what has ended.
bool view_is_left_alone(struct containers *c, const struct view *v);
// REALLY: kills what is left of such a container and records its end. Returns 0 or negative errno.
int view_recover(struct containers *c, struct view *v, bool really);
// Shows V as after a recovery, but writes and kills nothing: a container that lives without its monitor is still running.
void view_show_recovered(struct containers *c, struct view *v);
enum workload_state view_state(struct containers *c, const struct view *v);
static inline void auto_view_run(struct view *v)
{
	view_done(v);
}
#define auto_view AUTO(view) struct view

#define GRACE (10 * SECOND) // that a container has to end, and what was killed to be gone

// Runs a verb of the runtime on a container and waits. Returns 0 or negative errno with what it said.
int runtime_run(struct containers *c, const char *const words[], const char *input, struct str *out, struct err *e);
// Takes a container's lock. Returns a descriptor or negative errno.
int container_lock(struct containers *c, const char *name, struct err *e);
// Writes the record R into the container's directory DIR, unless no bundle can be made of it.
int container_write(struct containers *c, int dir, const struct record *r, struct err *e);
// Removes a container; FORCE: also one that runs.
int container_delete(struct containers *c, const struct view *v, bool force, struct err *e);
// Starts a container whose lock is held; FOREGROUND: its line is kept in C->foreground for containers_attach(). Returns 0 or negative errno.
int start_locked(struct containers *c, const struct view *v, bool foreground, struct err *e);

// Waits until the monitor has written the end down, at most TIMEOUT ns, and no longer for a monitor that is stopped. Returns whether it has.
bool wait_for_end(const struct view *v, int64_t timeout);
// From now on no restart policy brings it back. Returns a descriptor that is held until it has ended: a mark that no process holds is left over from a
// killed one, and the next list removes it.
int mark_stopping(struct containers *c, const struct view *v);
int send_signal(struct containers *c, const struct view *v, const char *signal, struct err *e);
// Kills all its processes and waits until its end is written down.
int end_by_force(struct containers *c, const struct view *v, struct err *e);
// The pid of its monitor when a signal (SIGSTOP) has stopped that, else 0.
pid_t monitor_stopped(const struct view *v);
// -EBUSY with the remedy when its monitor is stopped, else 0.
int refuse_stopped(const struct view *v, struct err *e);
// Returns 0 or -ESRCH.
int signal_monitor(const struct view *v, int signal);
// Kills the monitor, also a stopped one. Returns 0, -ESRCH or -ETIMEDOUT.
int kill_monitor(const struct view *v);
// Whether the runtime has a container of that name. Its state directory is the truth about what a killed monitor left.
bool runtime_knows(struct containers *c, const char *name);
// The pids of its processes. Owned array.
size_t container_processes(struct containers *c, const struct view *v, pid_t **pids);
// Keeps the rows of sampling in step with what list saw.
void measure_begin(struct containers *c);
void measure_see(struct containers *c, const struct view *v);
void measure_end(struct containers *c);
void measure_done(struct containers *c);
