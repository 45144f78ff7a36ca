// Engines: each runs one kind of workload on one host, behind a table of functions. Calls may block: call them from a
// worker thread where that matters. An engine must allow calls from several threads at once.
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

// Description of a host that an engine simulates.
struct engine_host {
	const char *name, *system, *kernel;
	unsigned cpus; // at least
};

// NAME is the engine recorded in its workloads.
struct engine_ops {
	const char *name;
	enum kind kind; // kind that create() creates
	unsigned lists; // kinds of its items, one bit each
	unsigned named; // those of them whose keys are their names
	// WHERE: a libvirt URI, a store's root, "1000" for fake:1000; NULL = the default. Opening should be quick and need
	// not connect yet; one that hangs delays this engine only. READ_ONLY: the engine may use an interface that cannot
	// change anything (libvirt's read-only socket).
	int (*open)(void **self, const char *where, bool read_only, struct err *e);
	void (*close)(void *self);
	// Whether a workload NAME exists, by a quick check on disk without opening the engine: 1, 0, or -1 if only a
	// listing can tell. WHERE as for open. NULL: always -1.
	int (*has)(const char *where, const char *name);
	// Whether the engine may have items of KIND, by a quick check on disk without opening it. WHERE as for open.
	// NULL: always.
	bool (*may_have)(const char *where, enum kind kind);
	// Connects if needed and upserts all workloads; the caller calls inventory_begin() and inventory_end(). On failure
	// E includes a remedy. -ENOPKG: what the engine needs is not installed, and there are no workloads of its kind.
	int (*list)(void *self, struct inventory *inv, struct err *e);
	// A note about the last successful listing, for example that a fallback is in use; owned, NULL = none. NULL: the
	// engine has no notes.
	char *(*note)(void *self);
	// The simulated host. NULL: its workloads run on this host.
	const struct engine_host *simulates;
	// Measures WHAT of all that runs in one go, and looks at nothing that it does not need for that. Returns 1 when
	// the next sample can be taken at once, 0, or negative errno.
	int (*sample)(void *self, const struct measures *what, struct sample_set *set, struct err *e);
	// The figures of the host that it simulates, at *AT on the clock of its samples. Must not block. NULL: it
	// simulates none.
	void (*host)(void *self, int64_t *at, struct proc_host *host);
	// Waits until something changes (list again) or TIMEOUT ns pass. Returns 1 on a change, 0 on timeout, negative
	// errno if not connected.
	int (*wait)(void *self, int64_t timeout, struct err *e);
	// Called from another thread before close(): makes every wait() return and aborts other calls where possible.
	void (*wake)(void *self);
	// Whether it supports VERB on items of KIND, or creates items of KIND with it.
	bool (*does)(enum kind kind, enum verb verb);
	// Whether this engine can create the item of KIND that P describes. It tells apart several engines that create
	// KIND, so that the user need not name one. NULL: always.
	bool (*suits)(enum kind kind, const struct params *p);
	// Runs a supported verb on one item.
	int (*act)(void *self, const char *id, enum verb verb, const struct params *p, const struct job *job,
	           struct err *e);
	// *ID is owned by the caller. P has passed verb_check_params(). If parameter "start" is "yes", starts it too.
	int (*create)(void *self, enum kind kind, const struct params *p, const struct job *job, char **id, struct err *e);
	// Adds values of FIELD of a KIND to OUT, except those in its table row and the engine's items. SO_FAR: fields
	// already filled in (may be NULL). NULL: none.
	int (*choices)(void *self, enum kind kind, const struct verb_field *field, const struct params *so_far,
	               struct strv *out, struct err *e);
	// Whether create() from P takes long enough to be run as a job in its own process. NULL: never, for example
	// because the engine's workloads live in this process.
	bool (*create_is_long)(void *self, enum kind kind, const struct params *p);
	int (*read)(void *self, const char *id, enum document what, struct str *text, struct err *e);
	// Connects descriptors 0, 1 and 2 of the calling process to the stream until it ends. Returns the exit status if
	// there is one.
	int (*stream)(void *self, const char *id, enum stream stream, const struct params *p, struct err *e);
	// Adds problems (damaged, left over or missing things) of the engine at WHERE (as for open) to F; FLAGS of enum
	// check_flag. NULL: nothing to check. Returns 0, even if there are findings, or negative errno.
	int (*check)(const char *where, unsigned flags, struct findings *f, struct err *e);
	// Writes what happens to its items to standard output, one line each. P: "since" and "until" (as for logs), "name"
	// (repeated; none: all), "json". Without "since" and "until" it begins now; without "until" it ends only when
	// standard output is closed by its reader. NULL: not supported. Returns 0 or negative errno.
	int (*events)(void *self, const struct params *p, struct err *e);
	// Waits for a workload to exit. Returns its exit code 0…255. NULL: not supported.
	int (*await_exit)(void *self, const char *id, struct err *e);
};

extern const struct engine_ops engine_bunk, engine_libvirt, engine_job, engine_fake;
