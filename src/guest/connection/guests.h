// The guests of one connection, as they are between two calls: their rows, and how long they live. What engines see is
// guest/guests.h.
#pragma once

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "guest/definition/facts.h"
#include "guest/files/claims.h"
#include "guest/files/images.h"
#include "guest/host/uri.h"
#include "guest/vir/vir.h"
#include "model/sample.h"
#include "sys/cgroup.h"

// Work in a thread of its own, one at a time of each kind: see worker.h.
enum worker_kind {
	WORKER_CONNECT,
	WORKER_STATS,
	WORKER_STATS_AGAIN,
	WORKER_INSIDE,
	WORKER_SYSTEM,
	WORKER_CLOSE,
	WORKERS
};

struct worker {
	bool busy;
	int64_t since; // when it began
	pthread_t thread;
	bool joinable; // it was started and not joined yet
};

// One guest.
struct guest {
	char uuid[VIR_UUID_STRING_BUFLEN];
	struct domain_facts facts;
	bool current; // the facts are those of now
	bool seen;    // by the current list
	bool active;  // as virDomainIsActive() reports, whatever the state
	bool paused;
	bool stopping; // it was asked to end by us
	bool period_set;
	pid_t pid; // QEMU on this host; 0 = none or unknown
	uint64_t pid_started;
	int64_t started, finished; // wall clock
	double start_ms;
	struct cgroup_reader *group;                                            // NULL: it has none of its own
	enum { FROM_NOWHERE, FROM_LIBVIRT, FROM_PROCESS, FROM_GROUP } cpu_from; // source of the last CPU time
	char *addresses;
	int64_t addresses_at; // monotonic
};

enum { DEVICE_NAME = 64 };
struct device_figures {
	bool disk; // else an interface
	long index; // among those in the record
	char name[DEVICE_NAME];
	struct sample sample;
};

// Figures of one tick from libvirt.
struct figures {
	char uuid[VIR_UUID_STRING_BUFLEN];
	struct sample sample;
	struct device_figures *devices;
	size_t device_count;
};

void figures_free(struct figures *figures, size_t count);

enum { EVENTS_MAX = 12 };

// A connection for one request at a time.
struct pool_slot {
	virConnectPtr conn; // NULL: not opened yet
	bool busy;
};
enum { POOL = 8 };

struct guests {
	atomic_uint refs; // the owner's and one of each worker under way
	struct uri_choice choice;
	const char *_Atomic uri; // of the choice, or SESSION_URI as a fallback
	bool read_only;
	bool local; // its QEMUs run on this host
	bool lazy;  // a session's daemon is not started just to list nothing
	bool looped;
	struct cgroup_layout layout;
	struct image_cache images;

	pthread_mutex_t lock;     // over all that follows
	pthread_cond_t condition; // broadcast at every change of it
	struct worker workers[WORKERS];
	bool closing, woken, changed;
	_Atomic(virConnectPtr) lost; // the control connection that died last; set without the lock
	virConnectPtr control;       // for listing, and for events
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
	int64_t devices_at; // of the figures whose devices were reported last
	int64_t figures_at, figures_used; // monotonic: when they came, and up to when they were shown
	struct claims system_claims;      // what WORKER_SYSTEM found
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
// Its QEMU has ended, or is not known.
void guest_forget_process(struct guest *row);
void guest_done(struct guest *row);
bool guests_is_session(const struct guests *g);
bool guests_is_lost(const struct guests *g); // the lock is held
