// SPDX-License-Identifier: LGPL-2.1-or-later
// What parent and child of a container's making share: the parts of libbunk among themselves.
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/str.h"
#include "bunk/bunk.h"
#include "bunk/config.h"
#include "bunk/plan.h"
#include "sys/cgroup.h"

// The control groups of one container (cgroups.c).
struct groups {
	struct cgroup_layout layout;
	struct strv made;      // directories to remove at the end, deepest last
	struct strv joined;    // directories the processes are in: one on v2, one a controller on v1
	char *freezer;         // the directory that freezes, or NULL
	int into;              // v2: descriptor for CLONE_INTO_CGROUP, else -1
	bool v2;
};

// A container as one verb of bunk sees it.
struct container {
	const struct bunk *b;
	const char *id;
	char *bundle, *rootfs;  // absolute
	int state_fd;           // its state directory
	struct config config;
	struct plan plan;
	struct groups groups;
	struct bunk_state state;
	char *config_text;
	int sync[2];            // seqpacket: [0] parent, [1] child
	int start_socket;       // listens for start; -1 for run
	int console;            // socket that receives the terminal, -1: none
	unsigned preserve_fds;
	bool no_pivot, exec;
	int join_fds[16];
};

// What goes over the socket pair.
enum phase {
	PHASE_GO = 1,     // parent: carry on
	PHASE_HOOKS,      // child: namespaces and mounts stand, the root is not yet entered
	PHASE_READY,      // child: all done but the program
	PHASE_PID,        // helper: the pid it made (value)
	PHASE_FAILED,     // child: err says why
};
struct phase_message {
	int phase;
	int value;
	struct err err;
};
// Sends; text travels only with PHASE_FAILED. Returns 0 or negative errno.
int phase_send(int socket, enum phase phase, int value, const struct err *err);
// Waits for the message PHASE; a failure that comes instead is copied to E. A closed socket is an error. Returns 0 (or the value) or negative errno.
int phase_wait(int socket, enum phase phase, struct err *e);

// The child's side, from clone to execve (init.c). Never returns.
_Noreturn void init_run(struct container *c);
// Steps shared with exec: becomes the process that P describes and executes it. Returns only on failure.
int process_enter(struct container *c, const struct plan *plan, int reply, struct err *e);
// Finds the program in the container's PATH. Owned, or NULL with E set.
char *process_find(const struct process_config *p, struct err *e);
// Takes the terminal: makes it, sends its master over SOCKET, makes it 0, 1, 2. CONSOLE_DIR_FD: where to bind "console", -1: nowhere.
int process_terminal(const struct process_config *p, int root_fd, int socket, bool bind_console, struct err *e);

// The root file system (rootfs.c): mounts, devices, masks; leaves *ROOT_FD open on the new root.
int rootfs_build(struct container *c, int *root_fd, struct err *e);
// Enters it for good.
int rootfs_enter(const struct container *c, int root_fd, struct err *e);

// Control groups (cgroups.c).
int groups_make(struct container *c, struct err *e);
// Puts PID into all groups that CLONE_INTO_CGROUP did not.
int groups_join(const struct groups *g, pid_t pid, struct err *e);
int groups_apply(const struct groups *g, const struct resources *r, struct err *e);
int groups_freeze(const struct groups *g, bool freeze, struct err *e);
bool groups_frozen(const struct groups *g);
// Kills every process in them and waits until they are empty, then removes them. Missing ones are no error.
int groups_kill(const struct groups *g, int signal);
int groups_remove(const struct groups *g, struct err *e);
int groups_pids(const struct groups *g, pid_t **pids, size_t *count, struct err *e);
// From and to the state file.
json_t *groups_to_json(const struct groups *g);
int groups_from_json(struct groups *g, json_t *object);
void groups_done(struct groups *g);

// Hooks (hooks.c): runs those of KIND one after the other with the state on standard input.
int hooks_run(const struct container *c, enum hook_kind kind, enum bunk_status status, pid_t pid, struct err *e);

// State on disk (state.c).
int state_reserve(struct container *c, struct err *e);           // makes the directory; -EEXIST
int state_save(struct container *c, struct err *e);
int state_load(struct container *c, struct err *e);              // state, groups; not the configuration
int state_load_config(struct container *c, struct err *e);
void state_remove(struct container *c);
enum bunk_status state_now(const struct container *c);           // looked at the kernel
char *state_json(const struct bunk_state *s, bool pretty);       // runtime.md "State". Owned.
int state_check_id(const char *id, struct err *e);
void container_done(struct container *c);
