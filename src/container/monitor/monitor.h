// What the files of the monitor share.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "attach.h"
#include "clients.h"
#include "container/store/log.h"
#include "container/store/record.h"
#include "model/param.h"
#include "policy.h"
#include "sys/cgroup.h"

enum { SOURCE_TERMINAL, SOURCE_STDOUT, SOURCE_STDERR, SOURCES };

// Where output of the container comes from.
struct source {
	int fd;          // -1: it has none, or it has ended
	const char *log; // the stream's name in the log
	char type;       // and for clients
	bool closed;     // the foreground client's reader has gone: the container finds its pipe broken
};

struct monitor {
	const char *directory, *runtime; // the container's; the runtime's state
	const char *program;             // the runtime
	bool foreground;
	int dir, containers; // descriptors of the container's directory and of the one above
	int lock;
	struct record record;
	struct run_state state;
	struct policy policy;
	struct policy_history history;
	struct log_writer log;
	struct cgroup_layout layout;
	struct cgroup_reader *group;
	int signals;
	struct source sources[SOURCES];
	int input;          // its stdin, when that is kept open, else -1
	struct str pending; // what its stdin or terminal has not taken yet
	bool input_ends;    // after that
	struct clients clients;
	bool ended;         // its first process
	int status;         // waitpid(2)
};

static inline bool monitor_has_terminal(const struct monitor *m)
{
	return record_has(&m->record, PARAM_TTY);
}

// What a client may ask for: a row for each type of frame.
struct monitor_request {
	char type;            // enum attach_type
	bool foreground_only; // others are ignored
	void (*handle)(struct monitor *m, const struct attach_frame *f);
};
const struct monitor_request *monitor_request(size_t i); // NULL beyond the last
// Does what the frame F of the client FROM says; CONTEXT is the monitor. Other frames are ignored.
void monitor_handle(void *context, const struct client *from, const struct attach_frame *f);

// Listens on the socket NAME in the container's directory. Returns it or negative errno.
int monitor_listen(struct monitor *m, const char *name);
// One look at everything, waiting until there is something to do.
void monitor_serve(struct monitor *m);
// Takes the signals that came, and the children that ended.
void monitor_read_signals(struct monitor *m);
// What is still in the pipes when no process is left to write.
void monitor_drain(struct monitor *m);
void monitor_close_streams(struct monitor *m);

// Has the runtime make and start the container. Returns 0 or negative errno; then nothing of it is left.
int monitor_start(struct monitor *m, struct err *e);
// Has the runtime forget the container, which has ended.
void monitor_forget(struct monitor *m);
// How often the kernel has killed a process of it for want of memory.
uint64_t monitor_oom_kills(struct monitor *m);
