// SPDX-License-Identifier: LGPL-2.1-or-later
// bunk, an OCI runtime as a library: what the program `bunk` does, verb by verb (runtime-spec 1.x, runtime.md
// "Operations"). The calling process must be single-threaded: these functions clone, join namespaces and wait for
// children.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/str.h"

#define BUNK_OCI_VERSION "1.3.0" // what `state` and `spec` say, and the newest that is honoured

enum bunk_cgroups {
	BUNK_CGROUPS_FILES,    // this process makes groups itself (cgroupfs)
	BUNK_CGROUPS_SYSTEMD,  // systemd makes a scope with delegation; linux.cgroupsPath is "SLICE:PREFIX:NAME"
	BUNK_CGROUPS_DISABLED, // none at all: limits in the bundle are refused
};

// What all verbs share.
struct bunk {
	const char *root;          // state directory, NULL = bunk_default_root()
	enum bunk_cgroups cgroups;
	// Socket of a service manager (sd_notify(3)) that run and create + start tell of the container's readiness; NULL =
	// none.
	const char *notify_socket;
	// Told about what is odd but no failure (an unknown property, say). May be NULL. TEXT is one line without newline.
	void (*warn)(void *context, const char *text);
	// Told what is done, step by step. May be NULL.
	void (*debug)(void *context, const char *text);
	void *context;
};

// /run/bunk for root, else (also for the root of a user namespace) $XDG_RUNTIME_DIR/bunk, else /tmp/bunk-UID. Owned by
// the caller.
char *bunk_default_root(void);

enum bunk_status {
	BUNK_CREATING,
	BUNK_CREATED,
	BUNK_RUNNING,
	BUNK_PAUSED,
	BUNK_STOPPED,
};
const char *bunk_status_name(enum bunk_status status);

// runtime.md "State".
struct bunk_state {
	char *id, *bundle, *rootfs, *oci_version;
	enum bunk_status status;
	pid_t pid;              // 0 when stopped
	uint64_t pid_started;   // field 22 of /proc/PID/stat
	char *created;          // RFC 3339, UTC
	uid_t owner;            // who created it
	struct params annotations;
};
void bunk_state_done(struct bunk_state *state);
// The state as JSON text (runtime.md "State", and rootfs, created, owner), on one line or PRETTY. Owned by the caller.
char *bunk_state_json(const struct bunk_state *state, bool pretty);

struct bunk_create {
	const char *id;             // [a-zA-Z0-9][a-zA-Z0-9_.+-]*, at most 255 bytes, not "." or ".."
	const char *bundle;         // directory with config.json; NULL = "."
	const char *config;         // another name for config.json, NULL = that
	const char *console_socket; // unix socket that receives the terminal's master; NULL = none
	const char *pid_file;       // gets the pid as decimal text; NULL = none
	// unix stream socket that receives a pidfd of the first process (SCM_RIGHTS, with the text "pidfd"); NULL = none
	const char *pidfd_socket;
	int64_t preserve_fds;       // descriptors 3 … 3+N-1 reach the process
	// so many of these, the first ones, are sockets of a service manager: it is told by LISTEN_FDS (sd_listen_fds(3))
	int64_t listen_fds;
	const char *listen_names;   // their names as LISTEN_FDNAMES has them, NULL = none
	bool no_pivot;              // chroot-like: for a root file system on a ramdisk
	bool no_new_keyring;
	bool detach;                // bunk_run(): do not wait
	bool keep;                  // bunk_run(): do not delete at the end
};

// Makes the container; its process waits for bunk_start(). It becomes a child of the nearest subreaper above the
// caller once the caller ends. After a failure nothing of it is left. Returns 0 or negative errno.
int bunk_create(const struct bunk *b, const struct bunk_create *options, struct err *e);
// create + start, then (unless detached) waits, forwards signals and terminal, and deletes. Returns the exit status
// 0…255 (128+N after signal N), 0 when detached, or negative errno.
int bunk_run(const struct bunk *b, const struct bunk_create *options, struct err *e);
// Lets the process of a created container begin. Returns 0, or negative errno, also when its program could not be
// executed.
int bunk_start(const struct bunk *b, const char *id, struct err *e);
// Fills *STATE, which bunk_state_done() releases. -ENOENT: no such container.
int bunk_state(const struct bunk *b, const char *id, struct bunk_state *state, struct err *e);
// Sends SIGNAL to the first process, or to all. -ESRCH when it does not run.
int bunk_kill(const struct bunk *b, const char *id, int signal, bool all, struct err *e);
// Removes a stopped (or created) container; with FORCE a running one is killed first, and a missing one is no error.
int bunk_delete(const struct bunk *b, const char *id, bool force, struct err *e);
// All containers of the state directory, sorted by id, in an owned array; each is released by bunk_state_done().
int bunk_list(const struct bunk *b, struct bunk_state **states, size_t *count, struct err *e);
// The pids of its processes, in this process's pid namespace. Owned array.
int bunk_processes(const struct bunk *b, const char *id, pid_t **pids, size_t *count, struct err *e);
// Freezes or thaws. Returns when it has happened.
int bunk_pause(const struct bunk *b, const char *id, struct err *e);
int bunk_resume(const struct bunk *b, const char *id, struct err *e);
// Changes limits: RESOURCES is JSON text of linux.resources (config-linux.md "Control groups").
int bunk_update(const struct bunk *b, const char *id, const char *resources, struct err *e);
// Changes the shares of caches and memory bandwidth of a container made with linux.intelRdt: lines of resctrl's file
// schemata, as "L3:0=f;1=f" and "MB:0=50" (NULL: leave those). They are its closID's, and so those of all containers
// that have the same.
int bunk_update_rdt(const struct bunk *b, const char *id, const char *l3_schema, const char *bandwidth_schema,
                    struct err *e);

// What it uses, as one line of JSON: {"type":"stats","id":…,"data":{"cpu":…,"memory":…,"pids":…,"blkio":…}} with
// runc's names and units (ns, bytes). Owned by the caller; NULL with E set: -ESRCH it does not run, -EOPNOTSUPP it is
// in no control group.
char *bunk_stats(const struct bunk *b, const char *id, struct err *e);
// Gets one event. TEXT is one line of JSON. Returns 0 to continue; any other value ends bunk_events().
typedef int bunk_event_callback(void *context, const char *text);
// The same every INTERVAL nanoseconds, and {"type":"oom"} when the kernel has killed for memory, until the container
// ends or CALLBACK returns other than 0. Returns 0 or negative errno.
int bunk_events(const struct bunk *b, const char *id, int64_t interval, bunk_event_callback *callback, void *context,
                struct err *e);

struct bunk_exec {
	const char *id;
	// file with a process object (config.md "Process"), or NULL: the fields below over the container's own
	const char *process;
	char *const *args;          // NULL-terminated; needed without PROCESS
	const char *cwd;            // NULL = the container's
	const char *user;           // "UID[:GID]", NULL = the container's
	struct strv env;            // NAME=VALUE, over the container's
	struct strv caps;           // names to add, "CAP_…" or without
	struct strv groups;         // additional gids
	const char *console_socket;
	const char *pid_file;
	const char *pidfd_socket;   // as of bunk_create
	const char *apparmor;       // NULL = the container's
	const char *label;          // SELinux, NULL = the container's
	const char *cgroup;         // a group below the container's own, NULL = that
	int64_t preserve_fds;
	bool tty, detach, no_new_privs, ignore_paused;
};
// One more process in a running container. Returns like bunk_run().
int bunk_exec(const struct bunk *b, const struct bunk_exec *options, struct err *e);

// What checkpoint and restore have in common. Both need root, and the program criu; its own words are in dump.log and
// restore.log.
struct bunk_images {
	// directory of the images, NULL = "checkpoint". Its content is trusted as root's own files are: it must belong to
	// this user, and no other user may be able to write to it; checkpoint creates it.
	const char *path;
	const char *work;           // directory of criu's logs and figures, of which the same is asked; NULL = PATH
	// what criu does with groups below the container's own: ignore, soft (NULL), full or strict
	const char *cgroups_mode;
	const char *empty_ns;       // "network": its content is neither saved nor brought back; NULL = all is
	bool tcp_established, ext_unix_sk, shell_job, file_locks, auto_dedup;
	// nanoseconds without progress after which criu is killed; 0 = a minute, negative = never
	int64_t timeout;
};

struct bunk_checkpoint {
	const char *id;
	struct bunk_images images;
	const char *parent;         // of an earlier pre-dump, relative to the images' directory; NULL = none
	const char *page_server;    // ADDRESS:PORT, where memory goes instead of the directory; NULL = none
	bool leave_running, pre_dump;
};
// Saves the processes of a running (or paused) container as images, and kills them unless it is to be left running or
// this is a pre-dump. A failure leaves the container as it was. Returns 0, or negative errno: -ENOENT criu is not
// installed, -EREMOTEIO criu failed, -ETIMEDOUT it made no progress, -EINTR SIGINT, SIGTERM, SIGHUP or SIGQUIT came,
// which is left pending and blocked, so that the caller can report it before it takes effect.
int bunk_checkpoint(const struct bunk *b, const struct bunk_checkpoint *options, struct err *e);

struct bunk_restore {
	// the bundle and all that has to be there for a new container; no descriptors are preserved
	struct bunk_create create;
	struct bunk_images images;
	const char *lsm_profile;    // "apparmor:NAME" or "selinux:LABEL" in place of the one that was saved; NULL = that
	const char *lsm_mount_context;
};
// Makes a container out of images, in the bundle, groups and limits of its configuration. Returns like bunk_run(), and
// -ETIMEDOUT and -EINTR like bunk_checkpoint(). After a failure nothing is left.
int bunk_restore(const struct bunk *b, const struct bunk_restore *options, struct err *e);

// A config.json to start from, as JSON text. Owned by the caller.
char *bunk_spec(bool rootless);
// What this build and kernel can do, as JSON text (features.md). Owned by the caller.
char *bunk_features(void);

// Called by the program before a verb that makes processes: when a container could write to the running executable
// (CVE-2019-5736) this executes it again from a read-only, detached clone (or sealed memory) and does not return.
// Returns 0 or negative errno.
int bunk_guard_self(char **argv, struct err *e);
