// The state of a monitor, shared by its modules.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "attach.h"
#include "clients.h"
#include "container/network/network.h"
#include "container/network/watch.h"
#include "container/store/journal.h"
#include "container/store/log.h"
#include "container/store/record.h"
#include "model/param.h"
#include "policy.h"
#include "probe.h"
#include "sys/cgroup.h"

enum { SOURCE_TERMINAL, SOURCE_STDOUT, SOURCE_STDERR, SOURCES };

// A source of the container's output.
struct source {
	int fd;          // -1 = unused, or at its end
	const char *log; // the stream's name in the log
	char type;       // the stream's type for clients
	bool closed;     // the foreground client's reader is gone: the container gets a broken pipe
};

// A child that reconnects a private network.
struct connecting {
	pid_t pid; // 0 = none
	int line;  // what it sends
};
#define CONNECTING_NONE ((struct connecting){.line = -1})

struct monitor {
	char *directory;     // of the container
	const char *runtime; // the directory of the runtime's state
	const char *program;             // the runtime
	char *store;                     // the path of the store, without symbolic links
	bool foreground;
	int dir, containers; // descriptors of the container's directory and its parent
	int lock;
	struct record record;
	struct run_state state;
	struct policy policy;
	struct policy_history history;
	struct log_writer log;
	struct cgroup_layout layout;
	struct cgroup_reader *group;
	int signals;
	int64_t wake; // monitor_serve() waits until then (clock_mono()); 0: without a limit
	struct network_hold hold;
	struct network_watch watch;
	struct connecting connecting;
	char *network_error; // the last one in the journal
	bool on_networks;    // the container could not leave its networks
	struct source sources[SOURCES];
	int input;          // the container's stdin if it is kept open, else -1
	struct str pending; // input not yet written to its stdin or terminal
	bool input_ends;    // close its stdin after PENDING
	struct clients clients;
	struct probe *probe;  // its health check; NULL: none
	bool ended;         // the first process has exited
	int status;         // waitpid(2)
};

static inline bool monitor_has_terminal(const struct monitor *m)
{
	return record_has(&m->record, PARAM_TTY);
}

// The requests of clients, one row per type of frame.
struct monitor_request {
	char type;            // enum attach_type
	bool foreground_only; // ignored from other clients
	void (*handle)(struct monitor *m, const struct attach_frame *f);
};
const struct monitor_request *monitor_request(size_t i); // NULL beyond the last
// Handles the frame F of the client FROM; CONTEXT is the monitor. Unknown frames are ignored.
void monitor_handle(void *context, const struct client *from, const struct attach_frame *f);

// Reads the container's name again, from its directory. To prevent a rename meanwhile, callers hold the directory's
// lock "naming".
void monitor_follow_name(struct monitor *m);
// Whether a stop was requested, also while the container is started.
bool monitor_must_stop(const struct monitor *m);
// Whether the container has a different name than was last read.
bool monitor_was_renamed(const struct monitor *m);
// Watches the networks that the container joined when it was started.
void monitor_watch_network(struct monitor *m);
// Finds out which networks the container, by its current name, is on now: watches them, and lets its published ports
// lead there.
void monitor_follow_networks(struct monitor *m);
// Listens on the socket NAME in the container's directory. Returns a descriptor or negative errno.
int monitor_listen(struct monitor *m, const char *name);
// Begins and ends the health check of the container that runs.
void monitor_begin_health(struct monitor *m);
void monitor_end_health(struct monitor *m);
// Waits no longer than until the next check (*TIMEOUT in ms), and does what is due.
void monitor_wait_health(struct monitor *m, int64_t now, int *timeout);
void monitor_serve_health(struct monitor *m, int64_t now);
// Counts the check if PID was its process.
void monitor_count_health(struct monitor *m, pid_t pid, int status);
// Restores the network after the child PID has exited. Returns whether that child belonged to the network.
bool monitor_restore_network(struct monitor *m, pid_t pid, int status);
// Notes an ERROR of the networks in the journal, unless it was the last one.
void monitor_note_network(struct monitor *m, const char *error);
// Leaves the networks; a failure is noted in the journal.
void monitor_leave_network(struct monitor *m);
// To be called after the final exit, once the container is unlocked. If something of it is left on networks, starts
// `hostel sweep` in a session of its own to remove that, and does not wait for it. If that fails, the next sweep by
// another command removes it.
void monitor_sweep(const struct monitor *m);
// Kills the child that reconnects a private network, if there is one.
void monitor_stop_connecting(struct monitor *m);
// Writes the state, ignoring a full disk.
void monitor_write_state(struct monitor *m);
void monitor_note(struct monitor *m, enum journal_event event, int code, const char *reason);
// One iteration of the event loop: waits for events and handles them.
void monitor_serve(struct monitor *m);
// The same, for no longer than TIME (ns).
void monitor_rest(struct monitor *m, int64_t time);
// Reads pending signals and reaps exited children.
void monitor_read_signals(struct monitor *m);
// Reads what is left in the pipes after the container has exited.
void monitor_drain(struct monitor *m);
void monitor_close_streams(struct monitor *m);

// Creates and starts the container through the runtime. Returns 0 or negative errno; after an error nothing of it is
// left.
int monitor_start(struct monitor *m, struct err *e);
// Deletes the exited container in the runtime.
void monitor_forget(struct monitor *m);
// The number of OOM kills in the container.
uint64_t monitor_oom_kills(struct monitor *m);
