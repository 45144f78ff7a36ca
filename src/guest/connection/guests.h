// The guests of one connection between calls: their rows and lifetime. The interface for engines is guest/guests.h.
#pragma once

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "guest/definition/facts.h"
#include "guest/definition/volume_xml.h"
#include "guest/files/claims.h"
#include "guest/files/images.h"
#include "guest/host/uri.h"
#include "guest/vir/vir.h"
#include "model/ports.h"
#include "model/sample.h"
#include "sys/cgroup.h"

// At most one thread per kind: see worker.h.
enum worker_kind {
	WORKER_CONNECT,
	WORKER_STATS,
	WORKER_STATS_AGAIN,
	WORKER_INSIDE,
	WORKER_SYSTEM,
	WORKER_VOLUMES,
	WORKER_CLOSE,
	WORKERS
};

struct worker {
	bool busy;
	int64_t since; // monotonic: start time
	pthread_t thread;
	bool joinable; // started and not joined yet
};

struct guest {
	char uuid[VIR_UUID_STRING_BUFLEN];
	struct domain_facts facts;
	bool current; // the facts are up to date
	bool seen;    // in the current listing
	bool active;  // virDomainIsActive(), whatever the state
	bool paused;
	bool stopping; // a shutdown was requested here
	bool period_set;
	pid_t pid; // QEMU on this host; 0 = none or unknown
	uint64_t pid_started;
	int64_t started, finished; // wall-clock ns
	double start_ms;
	struct cgroup_reader *group;                                            // NULL: no control group of its own
	enum { FROM_NOWHERE, FROM_LIBVIRT, FROM_PROCESS, FROM_GROUP } cpu_from; // source of the last CPU time
	char *addresses;
	int64_t addresses_at; // monotonic: next query
};

enum { DEVICE_NAME = 64 };
struct device_figures {
	bool disk; // else an interface
	long index; // in libvirt's record
	char name[DEVICE_NAME];
	struct sample sample;
};

// Figures from libvirt for one tick.
struct figures {
	char uuid[VIR_UUID_STRING_BUFLEN];
	struct sample sample;
	struct device_figures *devices;
	size_t device_count;
};

void figures_free(struct figures *figures, size_t count);

enum { EVENTS_MAX = 12 };

// A connection that serves one request at a time.
struct pool_slot {
	virConnectPtr conn; // NULL: not opened yet
	bool busy;
};
enum { POOL = 8 };

struct guests {
	atomic_uint refs; // the owner's reference and one for each running worker
	struct uri_choice choice;
	const char *_Atomic uri; // choice.uri, or SESSION_URI after a fallback
	bool read_only;
	void (*neighbours)(const char *network, struct strv *leases, struct strv *used_by); // may be NULL
	int (*check_ports)(struct ports *ports, struct err *e); // may be NULL
	bool local; // the QEMU processes run on this host
	bool lazy;  // do not start a session daemon just to list nothing
	bool looped;
	struct cgroup_layout layout;
	struct image_cache images;

	pthread_mutex_t lock;     // protects everything below
	pthread_cond_t condition; // broadcast on every change
	struct worker workers[WORKERS];
	bool closing, woken, changed;
	_Atomic(virConnectPtr) lost; // the last control connection to be lost; set without the lock
	virConnectPtr control;       // for listing and events
	bool control_busy;
	int events[EVENTS_MAX];
	struct err refusal;          // why it could not be opened
	char *refused;               // why the default was refused; NULL = no fallback is in use
	int64_t silent_since;        // since when the daemon has not answered, 0 = it answers
	struct pool_slot pool[POOL]; // for everything that is asked for
	virConnectPtr own[WORKERS];  // of each worker that needs one, touched by it alone
	int64_t inside_due;          // monotonic: when guests may be asked again
	int64_t expensive_due;       // monotonic: when block and vcpu figures are asked for again
	unsigned groups;             // of figures that the next look asks libvirt for, 0 = none are wanted
	struct figures *figures;
	size_t figure_count;
	int64_t devices_at; // figures_at of the last device report
	int64_t figures_at, figures_used; // monotonic: when they arrived; figures_at of the last sample
	struct claims system_claims;      // the result of WORKER_SYSTEM
	struct pool_volumes volumes;      // the result of WORKER_VOLUMES, once volumes_known
	bool volumes_known, volumes_wanted; // not wanted: they are only counted
	struct err volumes_failure;         // of the last reading
	size_t volume_count;
	int64_t volumes_due; // monotonic: when they are read or counted again
	struct guest *rows;
	size_t count;
};

struct guests *guests_new(const char *uri, bool read_only);
// These take no lock: libvirt drops references while it holds locks of its own.
void guests_ref(struct guests *g);
void guests_unref(struct guests *g);
// The row of UUID, or NULL. The caller holds the lock; the row is valid until it is released.
struct guest *guests_find(struct guests *g, const char *uuid);
struct guest *guests_find_or_add(struct guests *g, const char *uuid);
// The name of guest UUID for messages, or UUID itself. Owned.
char *guests_name(struct guests *g, const char *uuid);
// Marks UUID (NULL = all guests) as changed, so that the next guests_wait() returns.
void guests_touch(struct guests *g, const char *uuid);
// Call when its QEMU has exited.
void guest_forget_process(struct guest *row);
void guest_done(struct guest *row);
bool guests_is_session(const struct guests *g);
bool guests_is_lost(const struct guests *g); // the caller holds the lock
