// What the files of the guest layer share among themselves.
#pragma once

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "directory.h"
#include "guest/facts.h"
#include "guest/guests.h"
#include "sys/cgroup.h"
#include "uri.h"
#include "vir.h"


// --- errors (error.c) ---

// Records "text: " and what libvirt said last in this thread, in one line, with the usual remedy. Returns negative errno.
// Call it right after the failed call: any other libvirt call, even a getter or a free function, resets the last error.
int guest_error(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

// Whether the last call in this thread failed because the driver, or an old daemon, does not have it.
bool is_unsupported(void);

// --- the thread that serves libvirt's sockets and timers (loop.c) ---

// Starts it for its first user, after making libvirt silent. Must come before a connection is opened.
void loop_acquire(void);
// Ends it after its last user.
void loop_release(void);

// --- work that may hang in libvirt (worker.c) ---

// Done in a thread of its own, which holds a reference to the guests; one at a time of each kind.
enum worker_kind { WORKER_CONNECT, WORKER_STATS, WORKER_STATS_AGAIN, WORKER_INSIDE, WORKER_SYSTEM, WORKER_CLOSE, WORKERS };
typedef void worker_function(struct guests *g);
struct worker {
	bool busy;
	int64_t since; // when it began
	pthread_t thread;
	bool joinable; // it was started and not joined yet
};
// Starts WORK unless a worker of this kind is busy. The lock is held. Returns whether one is busy now.
bool worker_start(struct guests *g, enum worker_kind kind, worker_function *work);
// Joins those that ended and detaches the others. The lock is held.
void workers_abandon(struct guests *g);
// Waits until the worker of this kind has ended, until UNTIL (monotonic). The lock is held, and released meanwhile. Returns whether it ended.
bool worker_wait(struct guests *g, enum worker_kind kind, int64_t until);

// --- guests ---

// One of them, as it is known between two calls.
struct guest {
	char uuid[VIR_UUID_STRING_BUFLEN];
	struct domain_facts facts;
	bool known;    // the facts are those of now
	bool seen;     // by the current list
	bool active;   // as virDomainIsActive() reports, whatever the state
	bool paused;
	bool stopping; // it was asked to end by us
	bool period_set;
	pid_t pid;     // QEMU on this host; 0 = none or unknown
	uint64_t pid_started;
	int64_t started, finished; // wall clock
	double start_ms;
	struct cgroup_reader *group; // NULL: it has none of its own
	enum { FROM_NOWHERE, FROM_LIBVIRT, FROM_PROCESS, FROM_GROUP } cpu_from; // source of the last CPU time
	char *addresses;
	int64_t addresses_at; // monotonic
};

// Figures of one tick from libvirt.
struct figures {
	char uuid[VIR_UUID_STRING_BUFLEN];
	struct sample sample;
};

enum { EVENTS_MAX = 12 };

struct file_id {
	dev_t device;
	ino_t inode;
};

struct claim {
	struct file_id file;
	char *who; // "guest 'two'"
};
// What everything but one guest uses.
struct neighbours {
	struct claim *files, *directories;
	size_t file_count, directory_count;
	struct strv doubts; // why something may be missing here
	bool hung;          // a question had no answer in time: no more are asked
};

// A connection for one request at a time.
struct pooled {
	virConnectPtr conn; // NULL: not opened yet
	bool busy;
};
enum { POOL = 8, CHAINS_MAX = 4096 };

// What qemu-img said about an image, for as long as that does not change.
struct chain {
	char *path, *format;
	dev_t device;
	ino_t inode;
	struct timespec written, changed;
	char *json;
};
struct image_cache {
	pthread_mutex_t lock; // over what follows
	struct chain *items;
	size_t count;
};

struct guests {
	atomic_uint refs; // the owner's and one of each worker under way
	struct uri_choice choice;
	const char *_Atomic uri; // of the choice, or SESSION_URI as a fallback
	bool read_only;
	bool local;  // its QEMUs run on this host
	bool lazy;   // a session's daemon is not started just to list nothing
	bool looped;
	struct cgroup_layout layout;
	struct image_cache images;

	pthread_mutex_t lock; // over all that follows
	pthread_cond_t news;  // broadcast at every change of it
	struct worker workers[WORKERS];
	bool closing, woken, changed;
	_Atomic(virConnectPtr) lost; // the control connection that died last; set without the lock
	virConnectPtr control; // for listing, and for events
	bool control_busy;
	int events[EVENTS_MAX];
	struct err refusal; // why it could not be opened
	char *refused;      // why the default was refused; NULL = no fallback is in use
	int64_t silent_since; // when the daemon was last asked in vain, 0 = it answers
	struct pooled pool[POOL]; // for everything that is asked for
	virConnectPtr own[WORKERS]; // of each worker that needs one, touched by it alone
	int64_t inside_due; // monotonic: when guests may be asked again
	int64_t dear_due; // monotonic: when block and vcpu figures are asked for again
	struct figures *figures;
	size_t figure_count;
	int64_t figures_at, figures_used; // monotonic: when they came, and up to when they were shown
	struct neighbours other; // what WORKER_SYSTEM found
	struct guest *rows;
	size_t count;
};

struct guests *guests_new(const char *uri, bool read_only);
// Neither takes the lock: libvirt gives references back while it holds locks of its own.
void guests_ref(struct guests *g);
void guests_unref(struct guests *g);
// The row of UUID, or NULL. The lock is held; valid until it is given up.
struct guest *guests_find(struct guests *g, const char *uuid);
struct guest *guests_find_or_add(struct guests *g, const char *uuid);
// The name of UUID for messages, or UUID itself. Owned.
char *guests_name(struct guests *g, const char *uuid);
// Something changed: list again. UUID NULL: anything.
void guests_touch(struct guests *g, const char *uuid);
void guest_forget_process(struct guest *row);
void guest_done(struct guest *row);
bool guests_is_session(const struct guests *g);
bool guests_is_lost(const struct guests *g); // the lock is held

// --- connections (connection.c) ---

// Never two calls at once on one connection: in libvirt before 10.4 the second may wake the first at the wrong moment, and the process
// crashes on a stack that is gone (CVE-2024-4418). So each request has a connection to itself while it lasts.

// Seconds for opening: a session's daemon starts by itself, the first time slowly.
enum { CONNECT_SECONDS = 4 };
// Opens the control connection unless it is usable. The lock is held.
int control_ensure(struct guests *g, struct err *e);
// The control connection, for listing, opened when needed. Returns 0 or negative errno. control_end() gives it back.
int control_begin(struct guests *g, virConnectPtr *conn, struct err *e);
void control_end(struct guests *g, virConnectPtr conn);
// A connection of the pool, for anything else. pool_end() gives it back.
int pool_begin(struct guests *g, struct pooled **place, struct err *e);
void pool_end(struct guests *g, struct pooled *place);
// An worker's own connection, or NULL. Only from that worker.
virConnectPtr worker_connection(struct guests *g, enum worker_kind kind);
// A connection of the pool with the domain of UUID. -ENOENT: it was deleted.
struct call {
	struct pooled *place;
	virConnectPtr conn;
	virDomainPtr domain;
	char *name;
};
int call_begin(struct call *c, struct guests *g, const char *uuid, struct err *e);
void call_end(struct guests *g, struct call *c);
// Powers a guest off at once. Returns 0 when it is off, or negative errno.
int guest_force_off(struct guests *g, struct call *c, struct err *e);
// Opens a connection without error output, with keepalive, read-only if G is. NULL on failure.
virConnectPtr connection_open(const struct guests *g, const char *uri);
// Says since when the daemon has been silent. The lock is held. Returns -ETIMEDOUT.
int guests_no_answer(struct guests *g, struct err *e);

// --- events (events.c) ---

// The callbacks hold the guests as long as they are registered.
void events_watch(struct guests *g, virConnectPtr conn, int ids[EVENTS_MAX]);
void events_unwatch(virConnectPtr conn, const int ids[EVENTS_MAX]);

// --- starting and stopping (power.c) ---

bool guest_is_on(virDomainPtr domain);
int guest_start(struct guests *g, struct call *c, const struct params *p, const struct job *job, struct err *e);
int guest_stop(struct guests *g, struct call *c, const struct params *p, const struct job *job, struct err *e);
int guest_kill(struct guests *g, struct call *c, const struct params *p, const struct job *job, struct err *e);
int guest_pause(struct guests *g, struct call *c, const struct params *p, const struct job *job, struct err *e);
int guest_resume(struct guests *g, struct call *c, const struct params *p, const struct job *job, struct err *e);
int guest_restart(struct guests *g, struct call *c, const struct params *p, const struct job *job, struct err *e);

// --- memory (memory.c) ---

// Sets the guest's memory in its definition and, where possible, while it runs. JOB notes what waits for the next start, and other changes.
int guest_set_memory(struct call *c, uint64_t bytes, const struct job *job, struct err *e);

// --- deleting (delete.c) ---

// Removes a new definition with what libvirt keeps for it, as far as that is its own.
void guest_discard(struct guests *g, virConnectPtr conn, virDomainPtr domain);
// VERB_DELETE. What is kept is noted in JOB.
int guest_delete(struct guests *g, struct call *c, const struct params *p, const struct job *job, struct err *e);

// --- figures (measure.c, stats.c) ---

// Adds what one record of virConnectGetAllDomainStats() says to S. NOW: wall-clock ns, by which stale balloon figures are recognized.
void stats_to_sample(struct sample *s, const virTypedParameter *params, int count, int64_t now);
// Adds what virDomainGetInfo() says. CONTAINER: its memory is what it uses, not what it was given.
void info_to_sample(struct sample *s, const virDomainInfo *info, bool container);
// The state and its reason in a record; -1 = not there.
void stats_state(const virTypedParameter *params, int count, int *state, int *reason);

// --- state.c ---

// Maps libvirt's state. ACTIVE wins where the two disagree.
enum workload_state guest_state(int state, int reason, bool active);
// Why it is in this state, for people; NULL when there is nothing to say.
const char *guest_reason(int state, int reason);

// --- QEMU's processes on this host (qemu.c, processes.c) ---

// The value behind the option -uuid of QEMU's command line, or NULL.
const char *qemu_uuid(const char *line, size_t length);
// Any process may have such a command line; only those of users whom libvirt runs QEMU as are believed.
bool qemu_is_believed(uid_t owner, bool session);
// The wall-clock time of a process's start, given in clock ticks since boot.
int64_t qemu_started(uint64_t ticks);
// The control group made for a guest, from that of one of its threads, or NULL. Owned.
char *qemu_own_group(const char *group);
bool qemu_is_stopped(pid_t pid);
// Whether PID is the QEMU of UUID, by its command line.
bool qemu_runs(pid_t pid, const char *uuid);

// Finds the processes of active rows that have none yet. The lock is held.
void processes_find(struct guests *g);
void process_posture(const struct guest *row, struct posture *p);

// --- streams (stream.c, read.c) ---

// Fills F (zeroed) with what the guest's XML says, and *XML (may be NULL; owned) with the XML. Returns 0 or negative errno.
int domain_read_facts(virDomainPtr domain, unsigned flags, struct domain_facts *f, char **xml, struct err *e);
// Opens the serial log of UUID; *PATH is owned by the caller. Returns a descriptor, or negative errno with what is missing.
int serial_log_open(struct guests *g, const char *uuid, char **path, struct err *e);

// --- what the host offers (caps.c) ---

struct caps {
	char *emulator, *machine;
	unsigned cpus_max;
	bool passthrough, maximum, uefi;
};
// Fills C (zeroed) from the XML of virConnectGetDomainCapabilities(). Returns 0 or -EINVAL.
int caps_parse(struct caps *c, const char *xml, struct err *e);
void caps_done(struct caps *c);

// --- xpath.c: libxml2 in a few words ---

struct xml;
// Keeps libxml2 from writing to standard error, also when libvirt calls it. For threads that begin afterwards.
void xml_be_silent(void);
// NULL when TEXT is not XML with the root element ROOT (NULL: any).
struct xml *xml_read(const char *text, const char *root);
void xml_free(struct xml *x);
// The text at XPATH below the current node, owned; NULL when there is none or it is empty.
char *xml_text(struct xml *x, const char *xpath);
uint64_t xml_number(struct xml *x, const char *xpath); // 0 when there is none
bool xml_has(struct xml *x, const char *xpath);
// Calls EACH with every node of XPATH as the current one.
void xml_each(struct xml *x, const char *xpath, void (*each)(struct xml *x, void *context), void *context);

// --- devices (devices.c) ---

// Where the disk or network card that is the current node leads. Owned; NULL = nowhere.
char *disk_source(struct xml *x);
char *nic_source(struct xml *x);
// Adds a line for each device that is neither disk, network card nor line.
void devices_list(struct strv *lines, struct xml *x);
// Adds serial lines and consoles.
void lines_list(struct domain_facts *f, struct xml *x);
