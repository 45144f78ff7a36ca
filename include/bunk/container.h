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

enum { GROUPS_MAX = CGROUP_CONTROLLERS + 1 }; // each of v1 and the v2 tree beside them

// The control groups of one container (cgroups.c).
struct groups {
	struct cgroup_layout layout;
	struct strv joined;       // directories the processes are in: one on v2, one a hierarchy on v1
	char *freezer;            // the one of them that freezes, or NULL
	int procs[GROUPS_MAX];    // what is written to join them, opened while this process could still see them
	size_t procs_count;
	int into;                 // of a v2 tree: descriptor for CLONE_INTO_CGROUP, else -1
	size_t into_procs;        // the index in procs of that tree
	bool v2;
	char *slice, *scope;      // where systemd makes them; NULL: we do
};

// The file of --pid-file (pid_file.c): a regular file, or a name that is free.
struct pid_file {
	int directory; // -1: none was asked for
	const char *name;
	bool written;
};
// Looks at it, before anything is made. PATH NULL: none.
int pid_file_open(struct pid_file *f, const char *path, struct err *e);
int pid_file_write(struct pid_file *f, pid_t pid, struct err *e);
// Removes it again, if it was written.
void pid_file_undo(const struct pid_file *f);
void pid_file_done(struct pid_file *f);

// A container as one verb of bunk sees it.
struct container {
	const struct bunk *b;
	const struct bunk_create *options; // of create, run and restore
	const char *id;
	char *bundle, *rootfs;  // absolute
	int state_fd;           // its state directory
	int states_fd;          // the directory of all of them, while a container is read and reserved, else -1
	struct config config;
	struct plan plan;
	struct groups groups;
	struct bunk_state state;
	char *config_text;
	pid_t pid;              // parent: the child it has cloned, 0: none yet
	int sync[2];            // seqpacket: [0] parent, [1] child
	int interrupt;          // parent in the foreground: signals that end the creation, -1: they end this process
	int reply;              // child: where a failure is told, sync[1] or later the connection of `start`
	int start_socket;       // listens for start; -1 for run and exec
	int console;            // socket that receives the terminal, -1: none
	int notify;             // parent: the container's end of NOTIFY_SOCKET, -1: none
	int root_fd;            // child: the new root
	int *readonly_last;     // child: mounts that become read-only before it enters the root
	size_t readonly_last_count;
	int user_joined;        // descriptor of a user namespace to join, -1: none
	int mounts_joined;      // of a mount namespace that the child joins, -1: none
	struct pid_file pid_file; // the parent's: the child must not hold it
	int join_later;         // a cgroup namespace that the child joins, or for exec the pidfd of who is in it, -1: none
	int cgroup_joined;      // the former, to be closed
	int proc;               // the host's /proc, when a label is to be written, else -1
	int listener;           // connection to the seccomp agent, -1: none
	char *listener_text;    // child: what it is sent
	int root_place, *sources; // child: the root's directory and what is bound, opened with the parent's rights; -1, NULL: by the child itself
	int *trees;             // detached mounts with mapped ids, one for each of plan.mounts, -1: none; NULL: none at all
	struct strv *addresses; // of each of config.net_devices, before it moves
	char *rdt_made;         // the resctrl group that goes with the container, NULL: none
	unsigned preserve_fds;
	unsigned listen_fds;    // so many of them are sockets of a service manager
	const char *listen_names;
	bool no_pivot, no_new_keyring, exec;
	bool sends_sources;     // in a user namespace whose root may search fewer directories of the host than the parent
	bool in_directory;      // child: it is in process.cwd
	bool locked;            // this process holds the lock of its state directory
	bool warned;            // about config.json
	bool notified;          // the service manager, that the container is ready
	bool in_user_namespace; // new or joined: ids are its own
	char *program;          // child: what will be executed
	char *program_trouble;  // child: why the kernel would refuse that; NULL = it should not
	struct restoring *restoring; // of restore only
	struct entering *entering;   // of exec only
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
// The parent's PHASE_GO with VALUE. When the child has gone: returns negative errno and E says why it went.
int phase_go(int socket, int value, struct err *e);
// Waits for the message PHASE; a failure that comes instead is copied to E. A closed socket is an error. Returns the value or negative errno.
int phase_wait(int socket, enum phase phase, struct err *e);
// Waits until the other side closes, which execve(2) does. Returns 0, or negative errno when a failure comes first.
int phase_wait_end(int socket, struct err *e);
// The same without waiting, once the process has ended: negative errno when it had said that it failed.
int phase_failure(int socket, struct err *e);

// Both sides are lists of these.
struct step {
	const char *name;
	int (*run)(struct container *c, struct err *e);
};
// The parent's: one after the other until one fails. Returns 0 or negative errno.
int steps_do(struct container *c, const struct step *steps, size_t count, struct err *e);
// The child's; a failure is reported to the parent with the step's name, over REPLY or SYNC (init.c).
_Noreturn void steps_run(struct container *c, const struct step *steps, size_t count);
int step_begin(struct container *c, struct err *e);   // lets go of what is the parent's, joins the groups, waits for PHASE_GO
int step_keyring(struct container *c, struct err *e);
int step_sysctl(struct container *c, struct err *e); // sysctl.c

// The parent's steps that create, exec and restore share (create.c).
int step_sockets(struct container *c, struct err *e); // C->sync
int step_limits(struct container *c, struct err *e);
int step_give_groups(struct container *c, struct err *e);
int step_prestart_hooks(struct container *c, struct err *e);
int step_runtime_hooks(struct container *c, struct err *e);
int step_hear_ready(struct container *c, struct err *e);
int step_go(struct container *c, struct err *e); // PHASE_GO with the child's pid
// Clones with FLAGS (and into C's group on v2) like fork(2). Returns the pid, 0 in the child, or negative errno.
pid_t process_clone(struct container *c, unsigned long flags);
// The child's side, from clone to execve (init.c). Never returns.
_Noreturn void init_run(struct container *c);
// The same for one more process in a running container.
_Noreturn void init_exec(struct container *c);

// C->config_text into C->config (configure.c). Where the program of its system-call filter is remembered the profile is left out, and C->plan
// has the program already.
int configure_read(struct container *c, struct err *e);
// After the plan of the process is made: warns of capabilities that are not known.
void configure_warn(const struct container *c);
// After the plan is made: remembers the program that was compiled, if it was.
void configure_remember(struct container *c);

// The process itself (process.c), in this order. All that can be known before the start is done in prepare.
int process_prepare(struct container *c, struct err *e);
// The last part: loads the filter and drops the remaining privileges. Returns the descriptor of the seccomp agent, or 0.
int process_confine(const struct container *c, struct err *e);
// Executes it. Returns only on failure.
int process_execute(struct container *c, struct err *e);
// What criu does not bring back and a child has from who makes it: for who becomes criu.
int process_bequeath(const struct container *c, struct err *e);
// Closes all descriptors from FIRST on but the COUNT that are KEPT (-1: none), which are put in order.
void close_all_but(unsigned first, int *kept, size_t count);
// Whether the caller's supplementary groups stay.
bool process_keeps_groups(const struct container *c);
// Finds the program in the process's own PATH. Owned, or NULL with E set.
char *process_find(const struct process_config *p, struct err *e);
// Why the kernel would not execute PATH: a missing interpreter, another architecture …. Owned, or NULL when nothing is wrong with it.
char *program_trouble(const char *path);
// E for the program PATH, which failed with CODE for the reason WHY (NULL: not known). Looks at nothing. Returns -CODE.
int program_failed(const char *path, const char *why, int code, struct err *e);
// The same, with what can be seen of the file. Returns -CODE.
int program_refused(const char *path, int code, struct err *e);
// Takes a terminal of the root's devpts: sends its master over C->console, makes it 0, 1, 2 and, with BIND, its /dev/console.
int process_terminal(const struct container *c, bool bind, struct err *e);

// What a service manager is told of the container (notify.c): only that it is ready. Before the plan: mounts a socket into the container, if there is a
// manager.
int notify_plan(struct container *c, struct err *e);
int notify_make(struct container *c, struct err *e);   // its directory, once there is that of the state
int notify_listen(struct container *c, struct err *e); // C->notify, before the container's program begins
// Reads one message, and tells the manager of the first READY=1, and that PID is the service's main process (0: that is as it was). False: there is none.
bool notify_relay(struct container *c, pid_t pid);
// The same until it is ready or has ended.
void notify_wait(struct container *c, pid_t pid, int pidfd);

// Waits for PID (whose descriptor is PIDFD), relaying signals, readiness and, with *MASTER >= 0, the terminal, which is closed (-1) when nobody takes what comes
// from it. Returns 0…255 (relay.c).
int relay_wait(struct container *c, pid_t pid, int pidfd, int *master, struct err *e);
// Blocks what relay_wait() will forward. To be called before the clone.
void relay_block(struct container *c);
// Until then: waits until FD is readable, or for a signal that ends programs: -EINTR.
int relay_interrupted(const struct container *c, int fd, int timeout, struct err *e);
// Where a terminal goes that the process is to have: to the unix socket PATH, or, unless DETACHed, to this process itself through PAIR, of which
// C->console is the other end.
int relay_console(struct container *c, const char *path, bool detach, int pair[2], struct err *e);
// Receives the master that process_terminal() sent to the other end of the socket pair PAIR[0].
int relay_master(int socket, struct err *e);

// The root file system (rootfs.c): mounts, devices, masks; leaves *ROOT_FD open on the new root.
int rootfs_build(struct container *c, int *root_fd, struct err *e);
// Makes it read-only, where the configuration wants that.
int rootfs_protect(const struct container *c, int root_fd, struct err *e);
// Enters it for good.
int rootfs_enter(const struct container *c, int root_fd, struct err *e);
// The same without pivot_root(2): moves it over the old root, whose mounts are detached or covered first (move_root.c).
int rootfs_move(const struct container *c, int root, struct err *e);
// chroot(2) to a directory: all that can be done in a mount namespace that others are in.
int rootfs_change(int root_fd, struct err *e);

// Control groups (cgroups.c). Where they are, without making them.
int groups_plan(struct container *c, struct err *e);
// Makes them; without permission and without a limit asked for, goes on with none.
int groups_make(struct container *c, struct err *e);
// Before a making that failed or was cut off is undone: of the planned groups only those that its maker (C->state.pid) has made remain, as others'
// processes may be in the rest. They tell by a mark.
void groups_disown(struct container *c);
// With systemd: asks it for them, when the child is there to be in them; gives v2 its limits then.
int groups_ask(struct container *c, struct err *e);
// Gives the container's user what cgroup delegation needs, where the configuration shows the group writable (cgroup v2).
void groups_give(const struct container *c);
// Opens the existing ones to join them.
int groups_open(struct groups *g, const char *below, struct err *e);
// v2: what CLONE_INTO_CGROUP is for becomes the group below it that the process PID is in, as this process sees it. False: there is none.
bool groups_descend(struct groups *g, pid_t pid);
// Whether the kernel has killed a process of theirs for want of memory.
bool groups_out_of_memory(const struct groups *g);
// The container's own directory for CONTROLLER, on v1 the one below that controller's mount point; NULL when it is in none. Needs the layout.
const char *groups_directory(const struct groups *g, enum cgroup_controller controller);
// Puts this process, which has one thread, into all groups that CLONE_INTO_CGROUP did not.
int groups_join(const struct groups *g, struct err *e);
// v2: whether this process may put one of its own into them. The kernel asks for write access to what both groups have in common.
bool groups_may_enter(struct groups *g);
void groups_stay_outside(struct groups *g); // forgets what groups_open() has opened
int groups_freeze(const struct groups *g, bool freeze, struct err *e);
// Whether their processes are frozen, by them or by a group above.
bool groups_frozen(const struct groups *g);
int groups_check_thawed(const struct groups *g, struct err *e);
// v1: processes that were killed die only once they thaw. Where a group above is frozen, PID (0: all of them) leaves it, as that one is not the
// container's to thaw.
void groups_release(const struct groups *g, pid_t pid);
// Kills the child PID, which may be in them, and reaps it.
void groups_end_process(const struct groups *g, pid_t pid);
// Signals every process in them; with SIGKILL waits until they are empty. Missing ones are no error. Returns how many were signalled or negative errno.
int groups_kill(const struct groups *g, int signal, struct err *e);
// Kills what is left in them and removes them.
int groups_end(const struct groups *g, struct err *e);
// Removes them, and those above that bunk made and that are empty. Missing ones are no error.
int groups_remove(const struct groups *g, struct err *e);
// Whether the existing group DIRECTORY can become a container's: all that is in it and below ends with the container. -EBUSY: processes are in it or
// below; -ENOTEMPTY: it holds groups that bunk has not made.
int groups_check_free(const char *directory);
// Calls VISIT for every group below the one that FD is a descriptor of, deepest first. Takes FD.
typedef void group_visit(int parent, const char *name, int fd, void *context);
void groups_walk(int fd, group_visit *visit, void *context);
int groups_pids(const struct groups *g, pid_t **pids, size_t *count, struct err *e);
// From and to the state file.
json_t *groups_to_json(const struct groups *g);
int groups_from_json(struct groups *g, json_t *object);
void groups_forget(struct groups *g); // where they are
void groups_done(struct groups *g);

// Groups that systemd makes (scope.c): the unit's names from linux.cgroupsPath, and its place in the tree (owned).
int scope_name(struct groups *g, const char *path, const char *id, struct err *e);
char *scope_group(const struct groups *g);
// Asks the manager for the scope, with PID in it; for other limits; for its end (one that is gone is no error). Each returns when it has happened.
int scope_start(const struct container *c, pid_t pid, struct err *e);
int scope_update(const struct container *c, const struct resources *resources, struct err *e);
int scope_stop(const struct groups *g, struct err *e);
// One more process for a scope: reaching the manager, while its socket can be seen, and asking it to move PID into the group or one BELOW it.
struct dbus;
int scope_reach(struct dbus **d, struct err *e);
int scope_attach(struct dbus *d, const struct groups *g, const char *below, pid_t pid, struct err *e);

// Limits (limits.c).
bool limits_asked(const struct resources *r);
// Bit mask of enum cgroup_controller that R needs beyond those that are always joined.
unsigned limits_controllers(const struct resources *r);
// An update names what changes: what the same file of the kernel has beside it, and what is counted from it, is taken from there (v2).
void limits_complete(const struct groups *g, struct resources *r);
int limits_apply(const struct container *c, const struct resources *r, struct err *e);

// Labels of security modules (labels.c): the parent looks whether the kernel has them, the child writes them just before execve.
int labels_prepare(struct container *c, struct err *e);
int labels_write(const struct container *c, struct err *e);
bool labels_apparmor_on(void);
bool labels_selinux_on(void);

// linux.intelRdt (rdt.c): puts the child into its group; removes what was made for it.
int rdt_join(struct container *c, struct err *e);
void rdt_leave(struct container *c);
// Changes its shares to lines of the file schemata (NULL: none of that kind).
int rdt_update(const struct container *c, const char *l3_schema, const char *bandwidth_schema, struct err *e);

// The seccomp agent (listener.c): the parent connects and leaves the connection to the child, which prepares the text (PID as the runtime sees
// it) and hands over FILTER.
int listener_connect(struct container *c, struct err *e);
void listener_leave(struct container *c);
int listener_prepare(struct container *c, pid_t pid, struct err *e);
int listener_hand_over(const struct container *c, int filter, struct err *e);

// Bind mounts with mapped ids (idmap.c): made by the parent, as only who rules the file system's own user namespace may.
int idmap_prepare(struct container *c, struct err *e);

// The host's side of bind mounts where the container's root may search less than the runtime (source.c): a process with the parent's rights opens
// them in the child's mount namespace. What it cannot open is left to the child, which says why.
int sources_send(struct container *c, struct err *e);
int sources_receive(struct container *c, struct err *e);

// Devices in the root (devices.c).
int devices_make(const struct container *c, int root, struct err *e);
bool devices_is(int fd, mode_t type, unsigned major_number, unsigned minor_number);

// linux.netDevices (net_devices.c): the parent remembers their addresses and moves them to the child, which brings them up.
int net_devices_look(struct container *c, struct err *e);
int net_devices_move(struct container *c, struct err *e);
int net_devices_set_up(const struct container *c, struct err *e);

// Hooks (hooks.c): runs those of KIND one after the other with the state on standard input.
enum { HOOKS_SELF = -1 }; // as pid: the process that asks
int hooks_run(const struct container *c, enum hook_kind kind, enum bunk_status status, pid_t pid, struct err *e);

// The state as JSON (state_json.c).
json_t *state_annotations_json(const struct params *annotations);
// The status of this name; stopped for any other.
enum bunk_status state_status_of(const char *name);

// State on disk (state.c).
int state_reserve(struct container *c, struct err *e);           // makes the directory; -EEXIST
int state_save(struct container *c, struct err *e);
enum state_lock {
	STATE_READ, // none: a verb that changes nothing that is written down
	STATE_LOCK, // against all others that lock, waiting for them
	STATE_TRY,  // the same without waiting: -EWOULDBLOCK
};
int state_open(struct container *c, enum state_lock lock, struct err *e); // opens and loads state and groups; not the configuration. -ENOENT, -EUCLEAN: damaged
void state_unlock(const struct container *c);
int state_load_config(struct container *c, struct err *e);
void state_remove(struct container *c);
enum bunk_status state_now(const struct container *c);           // looked at the kernel
int state_root(const struct bunk *b, bool make, struct err *e);  // descriptor of the state directory
int state_make_root(struct container *c, struct err *e); // the same, made and opened once as C->states_fd. Returns 0 or negative errno
int state_check_id(const char *id, struct err *e);

// Gets a container ready to be used by one verb; container_done() releases it.
void container_init(struct container *c, const struct bunk *b, const char *id);
void container_done(struct container *c);
// Descriptors 3 … 3+PRESERVE_FDS-1 of this process, which must be open, are to reach the container's. To be called before any is opened.
int container_keep(struct container *c, int64_t preserve_fds, struct err *e);
// Reads the bundle's configuration and plans. Nothing is touched.
int container_read(struct container *c, const struct bunk_create *options, struct err *e);
// Makes processes, groups and state. START_SOCKET: the child waits for `start`, else for PHASE_GO on sync[0].
// Returns the pid or negative errno, when nothing is left behind.
pid_t container_make(struct container *c, bool start_socket, struct err *e);
// The parts of it: the state and the place of the groups, before there is a process; the process in the state, once it is there; and after a
// failure everything taken back, with PID (0: none) killed.
int container_reserve(struct container *c, struct err *e);
int container_settle(struct container *c, pid_t pid, struct err *e);
void container_undo(struct container *c, pid_t pid);
// In the foreground until the process ends, unless RESULT says that it could not begin; then removes the container. Returns like bunk_run().
int container_wait(struct container *c, const struct bunk_create *o, int result, pid_t pid, int pidfd, int *master, struct err *e);
// The namespace that J names, verified. Returns a descriptor.
int namespace_open(const struct plan_join *j, struct err *e);
// Kills what runs and removes everything, state last.
int container_destroy(struct container *c, struct err *e);
// A pidfd of the container's first process, verified by its start time. -ESRCH.
int container_pidfd(const struct container *c);
// (map_ids.c) Maps the ids of PID's new user namespace, by the helpers of the shadow package where this user alone may not.
int map_ids(pid_t pid, const struct id_maps *uids, const struct id_maps *gids, struct err *e);
// Sends PID to the caller's socket and file.
int tell_pid(struct container *c, const struct bunk_create *o, pid_t pid, struct err *e);
// Sends a pidfd of PID over the stream socket SOCKET.
int send_pidfd(int socket, pid_t pid, struct err *e);
