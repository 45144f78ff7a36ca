// SPDX-License-Identifier: LGPL-2.1-or-later
// bunk, an OCI runtime as a library: a function for each verb of the program `bunk` (runtime-spec 1.x, runtime.md
// "Operations"). The calling process must be single-threaded: these functions clone, join namespaces and wait for
// children.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/str.h"

#define BUNK_OCI_VERSION "1.3.0" // the version that `state` and `spec` report, and the newest supported

enum bunk_cgroups {
	BUNK_CGROUPS_FILES,    // bunk creates the groups itself (cgroupfs)
	BUNK_CGROUPS_SYSTEMD,  // systemd creates a delegated scope; linux.cgroupsPath is "SLICE:PREFIX:NAME"
	BUNK_CGROUPS_DISABLED, // no groups: limits in the bundle are refused
};

// The options of all verbs.
struct bunk {
	const char *root;          // state directory, NULL = bunk_default_root()
	enum bunk_cgroups cgroups;
	// Socket of a service manager (sd_notify(3)), which run and create + start notify when the container is ready;
	// NULL = none.
	const char *notify_socket;
	// Receives warnings (for example of an unknown property). May be NULL. TEXT is one line without a newline.
	void (*warn)(void *context, const char *text);
	// Receives a line for each step. May be NULL.
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
	uid_t owner;            // the user that created it
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
	const char *pid_file;       // file to write the pid to; NULL = none
	// unix stream socket that receives a pidfd of the first process (SCM_RIGHTS, with the text "pidfd"); NULL = none
	const char *pidfd_socket;
	int64_t preserve_fds;       // descriptors 3 … 3+N-1 are passed to the process
	// the first N of these are sockets of a service manager, passed with LISTEN_FDS (sd_listen_fds(3))
	int64_t listen_fds;
	const char *listen_names;   // the value of LISTEN_FDNAMES, NULL = none
	bool no_pivot;              // chroot instead: for a root file system on a ramdisk
	bool no_new_keyring;
	bool detach;                // bunk_run(): do not wait
	bool keep;                  // bunk_run(): do not delete at the end
};

// Creates the container; its process waits for bunk_start(). Once the caller exits, the process becomes a child of the
// nearest subreaper. A failure leaves nothing behind. Returns 0 or negative errno.
int bunk_create(const struct bunk *b, const struct bunk_create *options, struct err *e);
// create + start; then, unless detached, waits, forwards signals and the terminal, and deletes the container. Returns
// the exit status 0…255 (128+N after signal N), 0 when detached, or negative errno.
int bunk_run(const struct bunk *b, const struct bunk_create *options, struct err *e);
// Starts the program of a created container. Returns 0, or negative errno, also when the program cannot be executed.
int bunk_start(const struct bunk *b, const char *id, struct err *e);
// Fills *STATE, which bunk_state_done() releases. -ENOENT: no such container.
int bunk_state(const struct bunk *b, const char *id, struct bunk_state *state, struct err *e);
// Sends SIGNAL to the first process, or to all. -ESRCH: not running.
int bunk_kill(const struct bunk *b, const char *id, int signal, bool all, struct err *e);
// Deletes a stopped (or created) container. With FORCE, kills a running one first and ignores a missing one.
int bunk_delete(const struct bunk *b, const char *id, bool force, struct err *e);
// All containers of the state directory, sorted by id, in an owned array; release each with bunk_state_done().
int bunk_list(const struct bunk *b, struct bunk_state **states, size_t *count, struct err *e);
// The pids of its processes, in this process's pid namespace. Owned array.
int bunk_processes(const struct bunk *b, const char *id, pid_t **pids, size_t *count, struct err *e);
// Freezes or thaws the container. Returns when this is complete.
int bunk_pause(const struct bunk *b, const char *id, struct err *e);
int bunk_resume(const struct bunk *b, const char *id, struct err *e);
// Changes limits: RESOURCES is JSON text of linux.resources (config-linux.md "Control groups").
int bunk_update(const struct bunk *b, const char *id, const char *resources, struct err *e);
// Changes the shares of caches and memory bandwidth of a container with linux.intelRdt: lines of resctrl's file
// schemata, for example "L3:0=f;1=f" and "MB:0=50" (NULL: unchanged). The shares belong to the closID, so this changes
// all containers with the same one.
int bunk_update_rdt(const struct bunk *b, const char *id, const char *l3_schema, const char *bandwidth_schema,
                    struct err *e);

// Resource usage as one line of JSON: {"type":"stats","id":…,"data":{"cpu":…,"memory":…,"pids":…,"blkio":…}} with
// runc's names and units (ns, bytes). Owned by the caller; NULL with E set: -ESRCH not running, -EOPNOTSUPP not in a
// control group.
char *bunk_stats(const struct bunk *b, const char *id, struct err *e);
// Receives one event. TEXT is one line of JSON. Returns 0 to continue; any other value ends bunk_events().
typedef int bunk_event_callback(void *context, const char *text);
// The same every INTERVAL nanoseconds, and {"type":"oom"} after an OOM kill, until the container ends or CALLBACK
// returns non-zero. Returns 0 or negative errno.
int bunk_events(const struct bunk *b, const char *id, int64_t interval, bunk_event_callback *callback, void *context,
                struct err *e);

struct bunk_exec {
	const char *id;
	// file with a process object (config.md "Process"); NULL: the fields below override the container's own
	const char *process;
	char *const *args;          // NULL-terminated; required without PROCESS
	const char *cwd;            // NULL = the container's
	const char *user;           // "UID[:GID]", NULL = the container's
	struct strv env;            // NAME=VALUE, overriding the container's
	struct strv caps;           // names to add, with or without "CAP_"
	struct strv groups;         // additional gids
	const char *console_socket;
	const char *pid_file;
	const char *pidfd_socket;   // as for bunk_create()
	const char *apparmor;       // NULL = the container's
	const char *label;          // SELinux, NULL = the container's
	const char *cgroup;         // a group below the container's own, NULL = the container's own
	int64_t preserve_fds;
	bool tty, detach, no_new_privs, ignore_paused;
};
// Runs another process in a running container. Returns like bunk_run().
int bunk_exec(const struct bunk *b, const struct bunk_exec *options, struct err *e);

// The options that checkpoint and restore share. Both need root and the program criu, which logs to dump.log and
// restore.log.
struct bunk_images {
	// directory of the images, NULL = "checkpoint". Its contents are trusted like root's own files: it must belong to
	// this user and must not be writable by others. checkpoint creates it.
	const char *path;
	const char *work;           // directory of criu's logs and statistics, with the same requirements; NULL = PATH
	// how criu treats groups below the container's own: ignore, soft (NULL), full or strict
	const char *cgroups_mode;
	const char *empty_ns;       // "network": its contents are neither saved nor restored; NULL = all are
	bool tcp_established, ext_unix_sk, shell_job, file_locks, auto_dedup;
	// nanoseconds without progress after which criu is killed; 0 = a minute, negative = never
	int64_t timeout;
};

struct bunk_checkpoint {
	const char *id;
	struct bunk_images images;
	const char *parent;         // images of an earlier pre-dump, relative to the directory of the images; NULL = none
	const char *page_server;    // ADDRESS:PORT to send memory pages to instead of the directory; NULL = none
	bool leave_running, pre_dump;
};
// Saves the processes of a running (or paused) container as images, then kills them unless the container is to be left
// running or this is a pre-dump. A failure leaves the container unchanged. Returns 0, or negative errno: -ENOENT
// criu is not installed, -EREMOTEIO criu failed, -ETIMEDOUT no progress, -EINTR interrupted by SIGINT, SIGTERM,
// SIGHUP or SIGQUIT, which stays pending and blocked so that the caller can print the error before it takes effect.
int bunk_checkpoint(const struct bunk *b, const struct bunk_checkpoint *options, struct err *e);

struct bunk_restore {
	// the bundle and the options of a new container; no descriptors are preserved
	struct bunk_create create;
	struct bunk_images images;
	const char *lsm_profile;    // "apparmor:NAME" or "selinux:LABEL" to replace the saved label; NULL = the saved one
	const char *lsm_mount_context;
};
// Restores a container from images, with the bundle, groups and limits of its configuration. Returns like bunk_run(),
// and -ETIMEDOUT and -EINTR like bunk_checkpoint(). A failure leaves nothing behind.
int bunk_restore(const struct bunk *b, const struct bunk_restore *options, struct err *e);

// A template for config.json, as JSON text. Owned by the caller.
char *bunk_spec(bool rootless);
// The features of this build and kernel, as JSON text (features.md). Owned by the caller.
char *bunk_features(void);

// To be called before a verb that creates processes. If a container could write to the running executable
// (CVE-2019-5736), re-executes it from a read-only, detached clone (or sealed memory) and does not return. Returns
// 0 or negative errno.
int bunk_guard_self(char **argv, struct err *e);
