// SPDX-License-Identifier: LGPL-2.1-or-later
// A container's control groups: planning, creating, joining and removing them, and acting on all their processes.
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"
#include "bunk/container/container.h"
#include "sys/cgroup.h"

// Plans the groups without creating them.
int groups_plan(struct container *c, struct err *e);
// Creates them. Without permission continues without groups, unless a limit was requested.
int groups_make(struct container *c, struct err *e);
// Before a failed or interrupted creation is undone: drops all planned groups but those that its creator
// (C->state.pid) made, which it has marked, since the others may contain processes of others.
void groups_disown(struct container *c);
#define GROUPS_MARK "user.bunk" // an extended attribute
// Whether the group DIRECTORY has bunk's mark, which is copied to TEXT (may be NULL).
bool groups_has_mark(const char *directory, char *text, size_t size);
// With systemd: requests the scope, once the child exists to be in it, and then sets the limits of v2.
int groups_ask(struct container *c, struct err *e);
// Delegates the group to the container's user if the configuration mounts it writable (cgroup v2).
void groups_give(const struct container *c);
// Opens the existing groups to join them.
int groups_open(struct groups *g, const char *below, struct err *e);
// v2: sets the target of CLONE_INTO_CGROUP to the group below it that contains the process PID, as this process sees
// it. Returns false if there is none.
bool groups_descend(struct groups *g, pid_t pid);
// Whether a process in them was OOM-killed.
bool groups_out_of_memory(const struct groups *g);
// The container's own directory for CONTROLLER, on v1 the one below that controller's mount point; NULL if it has
// none. Needs the layout.
const char *groups_directory(const struct groups *g, enum cgroup_controller controller);
// On a hybrid host: its group in the v2 tree if that has CONTROLLER, else NULL.
const char *groups_beside(const struct groups *g, enum cgroup_controller controller);
// Moves this single-threaded process into all groups that CLONE_INTO_CGROUP did not cover.
int groups_join(const struct groups *g, struct err *e);
// v2: whether this process may move one of its own into them. The kernel requires write access to the common ancestor
// of both groups.
bool groups_may_enter(struct groups *g);
void groups_stay_outside(struct groups *g); // closes what groups_open() opened
int groups_freeze(const struct groups *g, bool freeze, struct err *e);
// Whether their processes are frozen, by these groups or by one above.
bool groups_frozen(const struct groups *g);
int groups_check_thawed(const struct groups *g, struct err *e);
// v1: killed processes die only after they thaw. If a group above is frozen, which is not the container's to thaw,
// moves PID (0: all processes) out of it.
void groups_release(const struct groups *g, pid_t pid);
// Kills the child PID, which may be in them, and reaps it.
void groups_end_process(const struct groups *g, pid_t pid);
// Signals every process in them; with SIGKILL waits until they are empty. Missing groups are not an error. Returns the
// number of signalled processes or negative errno.
int groups_kill(const struct groups *g, int signal, struct err *e);
// Kills the remaining processes in them and removes the groups.
int groups_end(const struct groups *g, struct err *e);
// After an interrupted creation: removes empty groups that it had made but not yet marked, and bunk's groups above.
void groups_remove_unmarked(const struct groups *g);
// Removes the empty groups above DIRECTORY that bunk made.
void groups_remove_parents(const struct groups *g, const char *directory);
// Removes them and the empty groups above that bunk made. Missing groups are not an error.
int groups_remove(const struct groups *g, struct err *e);
// Whether the existing group DIRECTORY can be used for a container, which will remove everything in it. -EBUSY: it
// or a group below has processes; -ENOTEMPTY: it contains groups that bunk did not make.
int groups_check_free(const char *directory);
// Calls CALLBACK for every group below that of FD, deepest first. Closes FD.
typedef void group_callback(int parent, const char *name, int fd, void *context);
void groups_walk(int fd, group_callback *callback, void *context);
int groups_pids(const struct groups *g, pid_t **pids, size_t *count, struct err *e);
// Reading and writing the state file.
json_t *groups_to_json(const struct groups *g);
int groups_from_json(struct groups *g, json_t *object);
void groups_forget(struct groups *g); // where they are
void groups_done(struct groups *g);
