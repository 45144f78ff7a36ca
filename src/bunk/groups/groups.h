// SPDX-License-Identifier: LGPL-2.1-or-later
// A container's control groups: where they are, making, joining and removing them, and what is done to all processes
// in them.
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"
#include "bunk/container/container.h"
#include "sys/cgroup.h"

// Control groups. Where they are, without making them.
int groups_plan(struct container *c, struct err *e);
// Makes them; without permission and without a limit asked for, continues with none.
int groups_make(struct container *c, struct err *e);
// Before a making that failed or was cut off is undone: of the planned groups only those that its maker (C->state.pid)
// has made remain, as others' processes may be in the rest. They tell by a mark.
void groups_disown(struct container *c);
#define GROUPS_MARK "user.bunk" // an attribute
// Whether the group DIRECTORY has a mark of bunk's, which goes into TEXT (NULL: nowhere).
bool groups_has_mark(const char *directory, char *text, size_t size);
// With systemd: asks it for them, when the child is there to be in them; gives v2 its limits then.
int groups_ask(struct container *c, struct err *e);
// Gives the container's user what cgroup delegation needs, where the configuration shows the group writable (cgroup
// v2).
void groups_give(const struct container *c);
// Opens the existing ones to join them.
int groups_open(struct groups *g, const char *below, struct err *e);
// v2: what CLONE_INTO_CGROUP is for becomes the group below it that the process PID is in, as this process sees it.
// False: there is none.
bool groups_descend(struct groups *g, pid_t pid);
// Whether the kernel has killed a process of theirs for want of memory.
bool groups_out_of_memory(const struct groups *g);
// The container's own directory for CONTROLLER, on v1 the one below that controller's mount point; NULL when it is in
// none. Needs the layout.
const char *groups_directory(const struct groups *g, enum cgroup_controller controller);
// On a hybrid host: its group in the v2 tree, where that has CONTROLLER, else NULL.
const char *groups_beside(const struct groups *g, enum cgroup_controller controller);
// Puts this process, which has one thread, into all groups that CLONE_INTO_CGROUP did not.
int groups_join(const struct groups *g, struct err *e);
// v2: whether this process may put one of its own into them. The kernel asks for write access to what both groups have
// in common.
bool groups_may_enter(struct groups *g);
void groups_stay_outside(struct groups *g); // forgets what groups_open() has opened
int groups_freeze(const struct groups *g, bool freeze, struct err *e);
// Whether their processes are frozen, by them or by a group above.
bool groups_frozen(const struct groups *g);
int groups_check_thawed(const struct groups *g, struct err *e);
// v1: processes that were killed die only once they thaw. Where a group above is frozen, PID (0: all of them) leaves
// it, as that one is not the container's to thaw.
void groups_release(const struct groups *g, pid_t pid);
// Kills the child PID, which may be in them, and reaps it.
void groups_end_process(const struct groups *g, pid_t pid);
// Signals every process in them; with SIGKILL waits until they are empty. Missing ones are no error. Returns how many
// were signalled or negative errno.
int groups_kill(const struct groups *g, int signal, struct err *e);
// Kills what is left in them and removes them.
int groups_end(const struct groups *g, struct err *e);
// After a creation that was cut off: removes what it had made but not marked yet, where that is empty, and those above
// that bunk made.
void groups_remove_unmarked(const struct groups *g);
// Removes those above DIRECTORY that bunk made and that are empty.
void groups_remove_parents(const struct groups *g, const char *directory);
// Removes them, and those above that bunk made and that are empty. Missing ones are no error.
int groups_remove(const struct groups *g, struct err *e);
// Whether the existing group DIRECTORY can become a container's: all that is in it and below ends with the container.
// -EBUSY: processes are in it or below; -ENOTEMPTY: it holds groups that bunk has not made.
int groups_check_free(const char *directory);
// Calls CALLBACK for every group below the one that FD is a descriptor of, deepest first. Takes FD.
typedef void group_callback(int parent, const char *name, int fd, void *context);
void groups_walk(int fd, group_callback *callback, void *context);
int groups_pids(const struct groups *g, pid_t **pids, size_t *count, struct err *e);
// From and to the state file.
json_t *groups_to_json(const struct groups *g);
int groups_from_json(struct groups *g, json_t *object);
void groups_forget(struct groups *g); // where they are
void groups_done(struct groups *g);
