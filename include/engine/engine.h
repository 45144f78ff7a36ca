// Engines: the code that runs one kind of workload on one host, behind one small table. Calls may block; who must not
// block calls them from a worker thread. An engine's own calls may come from several threads at once.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/str.h"
#include "model/finding.h"
#include "model/inventory.h"
#include "model/job.h"
#include "model/measures.h"
#include "model/sample.h"
#include "model/stream.h"
#include "model/verb.h"
#include "sys/proc.h"

struct engine;
struct proc_host;

// A host that an engine simulates: what it is called.
struct engine_host {
	const char *name, *system, *kernel;
};

// NAME of the row is what workloads carry as their engine.
struct engine_ops {
	const char *name;
	enum kind kind; // what it creates
	unsigned lists; // the kinds of its items, a bit each
	// WHERE: a libvirt URI, a store's root, "1000" for fake:1000; NULL = the usual. Opening must be quick and need not
	// connect yet. READ_ONLY: the engine may use an interface that cannot change anything (libvirt's read-only
	// socket).
	int (*open)(void **self, const char *where, bool read_only, struct err *e);
	void (*close)(void *self);
	// Whether it has a workload called NAME, by a quick look at the disk and without being opened: 1, 0, or -1 when
	// only a list can say. WHERE as in open. NULL: -1.
	int (*has)(const char *where, const char *name);
	// Connects if needed and upserts every workload (between inventory_begin and _end, which the caller does). On
	// failure the text says what helps. -ENOPKG: what the engine needs is not there, and neither is any workload of
	// its kind.
	int (*list)(void *self, struct inventory *inv, struct err *e);
	// A note about the last successful list, for example that a fallback is in use; owned, NULL = none. NULL: the
	// engine has no notes.
	char *(*note)(void *self);
	// The host it simulates. NULL: its workloads run on this host.
	const struct engine_host *simulates;
	// Measures WHAT of all that runs in one go, and looks at nothing that it does not need for that. Returns 1 when
	// the next sample can be taken at once, 0, or negative errno.
	int (*sample)(void *self, const struct measures *what, struct sample_set *set, struct err *e);
	// The figures of the host that it simulates, at *AT on the clock of its samples. Must not block. NULL: it
	// simulates none.
	void (*host)(void *self, int64_t *at, struct proc_host *host);
	// Waits until something changed (list again) or TIMEOUT ns passed. Returns 1 changed, 0 time-out, negative errno:
	// not connected.
	int (*wait)(void *self, int64_t timeout, struct err *e);
	// Wakes every wait() and aborts what can be aborted, from another thread, before close().
	void (*wake)(void *self);
	// Whether it does VERB to items of KIND, or creates one by it.
	bool (*does)(enum kind kind, enum verb verb);
	// A verb of one item, which it does.
	int (*act)(void *self, const char *id, enum verb verb, const struct params *p, const struct job *job,
	           struct err *e);
	// *ID is owned by the caller. P has passed verb_check_params(). Parameter "start" = "yes" starts it too.
	int (*create)(void *self, enum kind kind, const struct params *p, const struct job *job, char **id, struct err *e);
	// Adds what FIELD of a KIND can be here, given what is known SO_FAR (may be NULL), to OUT: what its row and the
	// items of the engine do not say. NULL: nothing.
	int (*choices)(void *self, enum kind kind, const struct verb_field *field, const struct params *so_far,
	               struct strv *out, struct err *e);
	// Whether create() from P takes long, so that it is a job in a process of its own. NULL: never, as of an engine
	// whose workloads live in this process.
	bool (*create_is_long)(void *self, enum kind kind, const struct params *p);
	int (*read)(void *self, const char *id, enum document what, struct str *text, struct err *e);
	// Connects the calling process's own descriptors 0, 1, 2 to the stream until it ends. Returns the exit status
	// where there is one.
	int (*stream)(void *self, const char *id, enum stream stream, const struct params *p, struct err *e);
	// Adds what is damaged, left over or missing of the engine WHERE (as open) to F; FLAGS of enum check_flag. NULL:
	// there is nothing to check. Returns 0, also when something was found, or negative errno.
	int (*check)(const char *where, unsigned flags, struct findings *f, struct err *e);
	// Waits for a workload to end. Returns its exit code 0…255. NULL: not offered.
	int (*await_exit)(void *self, const char *id, struct err *e);
};

extern const struct engine_ops engine_bunk, engine_libvirt, engine_job, engine_fake;
