// What is kept about a container: what was asked for (its record, written once) and what became of it (its state,
// written by its monitor).
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/str.h"
#include "image.h"

struct record {
	char *name;
	int64_t created;      // wall-clock ns
	struct params params; // of the recipe, without the name
	struct image image;   // as it was when the container was made
	bool userxattr;       // its writable layer is marked by user.* attributes: it was made without the host's rights
};
void record_done(struct record *r);
// Whether the yes-or-no parameter NAME of its recipe ("tty", "rm" …) is set.
bool record_has(const struct record *r, const char *name);
int record_write(int container_fd, const struct record *r, struct err *e);
int record_read(int container_fd, struct record *r, struct err *e);

enum run_phase {
	RUN_NEVER,    // not started yet
	RUN_STARTING,
	RUN_RUNNING,
	RUN_WAITING,  // ended, and its restart policy waits
	RUN_ENDED,
};

struct run_state {
	enum run_phase phase;
	char *boot;            // the kernel's boot id: a state of another boot is history
	pid_t pid, monitor;
	uint64_t pid_started;  // field 22 of /proc/PID/stat
	int64_t started, finished; // wall-clock ns
	double start_ms;
	int restarts;
	int code;              // exit status 0…255, -1 unknown
	char *reason;          // "SIGKILL", "OOM", NULL for a plain exit
};
void run_state_done(struct run_state *s);
int run_state_write(int container_fd, const struct run_state *s, struct err *e);
// A missing file is RUN_NEVER, no error.
int run_state_read(int container_fd, struct run_state *s, struct err *e);
// The kernel's id of this boot. Owned.
char *run_state_boot(void);
