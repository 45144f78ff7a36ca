// Persistent data of a container: its record (the requested configuration) and its run state (written by the monitor).
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/str.h"
#include "image.h"

// What a container finds in its network, for the files and the bundle of one start. Never stored. Empty: the runtime
// creates the namespace, or the host's is used.
struct network_join {
	char *path;            // of the network namespace
	bool own;              // created for this container
	struct strv addresses; // in its networks
	struct strv servers;   // the networks' DNS servers
	char *domain;          // of the first that has one to be searched, NULL = none
	char *host;            // address of this host in the first that has one, NULL = none
	struct strv names;     // lines of hosts(5): names that the first server does not know
};
void network_join_done(struct network_join *j);

// What a container can share with another one, beside a network.
enum shared {
	SHARED_PID, // namespaces
	SHARED_IPC,
	SHARED_SHM, // the mount on /dev/shm: comes with the IPC namespace
	SHARED_COUNT,
};

struct record {
	char *name;
	char *id;             // by which the runtime and the control groups know it (run/rename.h); NULL = like NAME
	int64_t created;      // wall-clock ns
	struct params params; // as given at creation, without the name
	struct image image;   // as of the container's creation
	struct network_join join;
	char *shared[SHARED_COUNT]; // paths of another container's, to join; NULL = none, or not opened
	struct params joined; // other containers, by the option that names them (store/joined.h)
	struct strv mounts;   // settled at creation, besides those in PARAMS (container/bundle/mount_spec.h)
	bool whole;           // its writable layer refers to no file below: overlay's redirect_dir and metacopy are off
	bool userxattr;       // the writable layer uses user.* attributes: created without root rights on the host
};
void record_done(struct record *r);
const char *record_id(const struct record *r);
// Whether the boolean parameter NAME ("tty", "rm" …) is set.
bool record_has(const struct record *r, const char *name);
int record_write(int container_fd, const struct record *r, struct err *e);
int record_read(int container_fd, struct record *r, struct err *e);

// The records of all containers.
struct records {
	struct record *items;
	size_t count;
};
void records_done(struct records *r);
// Reads them below the directory CONTAINERS_FD. Returns 0, or negative errno naming the container whose record cannot
// be read.
int records_read(int containers_fd, struct records *records, struct err *e);

static inline void auto_records_run(struct records *r)
{
	records_done(r);
}
#define auto_records AUTO(records) struct records

enum run_phase {
	RUN_NEVER,    // never started
	RUN_STARTING,
	RUN_RUNNING,
	RUN_WAITING,  // exited; the restart policy waits before the next start
	RUN_ENDED,
};

struct run_state {
	enum run_phase phase;
	char *boot;            // the kernel's boot id: processes of another boot no longer exist
	pid_t pid, monitor;
	uint64_t pid_started;  // field 22 of /proc/PID/stat
	int64_t started, finished; // wall-clock ns
	double start_ms;
	int restarts;
	int code;              // exit status 0…255, -1 = unknown
	bool stopped;          // it ended by a stop, not by itself
	char *reason;          // "SIGKILL", "OOM"; NULL for a normal exit
	char *health;          // health_name() while it runs with a health check, else NULL
	char *health_output;   // of the last check, if it failed; one line
};
void run_state_done(struct run_state *s);
// With DURABLE it survives a crash of the host: no container does, but how its last run ended must be known then.
int run_state_write(int container_fd, const struct run_state *s, bool durable, struct err *e);
// A missing file is not an error: the phase is RUN_NEVER.
int run_state_read(int container_fd, struct run_state *s, struct err *e);
// The boot id of the running kernel. Owned.
char *run_state_boot(void);
