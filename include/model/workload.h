// A workload: a guest or a container, as every layer above the engines knows it.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "base/err.h"
#include "base/str.h"
#include "model/fact.h"
#include "model/fields.h"
#include "model/item.h"
#include "model/posture.h"

// Strings may be NULL (unknown) and are owned. Times are wall-clock nanoseconds, 0 = unknown.
struct workload {
	union {
		struct item item;
		struct { ITEM_FIELDS }; // w->name is w->item.name
	};
	char *image;  // image of a container, operating system of a guest
	char *command; // what runs inside, for people
	int64_t started, finished;
	int exit_code; // -1 = unknown or still running
	char *reason;  // "OOM", "SIGKILL", "destroyed", "monitor died" …
	int64_t last_finished; // of one that was started again: how it ended before, 0 = it has not
	int last_exit_code; // -1 = unknown
	char *last_reason;
	double cpus;   // limit in CPUs, or vCPUs; 0 = no limit
	uint64_t memory_limit; // bytes, 0 = no limit
	char *addresses;       // comma-separated
	struct strv labels;    // "name=value"
	int restarts; // by its restart policy; -1 = unknown
	bool autostart;
	bool persistent;
	// running, whatever the state is called: a crashed guest may be kept in memory. Set by the inventory where the
	// state implies it.
	bool active;
	double start_ms; // how long the last start took until it ran, 0 = unknown
	int pid;         // first process, or QEMU; 0 = none
	struct posture posture;
};

// ITEM as a workload, NULL when it is of another kind (or NULL).
static inline const struct workload *workload_of(const struct item *item)
{
	return item && kind_is_workload(item->kind) ? (const struct workload *)item : NULL;
}
// The names and aliases of the kinds that are workloads, for messages; and the one of NAME, or -1.
extern const char workload_kinds[];
int workload_kind_find(const char *name);
const char *workload_kind_name(enum kind kind);

// Whether it failed: it crashed, or exited with a status other than 0 or a reason (OOM), but not by
// the signals that ask to end (SIGTERM, SIGINT).
bool workload_failed(const struct workload *w);

// Adds "running", "exited 137 OOM".
void workload_add_state(struct str *out, const struct workload *w);

// The needs that W satisfies (verb_need): its state's, except that an active workload can be stopped and not started.
unsigned workload_flags(const struct workload *w);
bool workload_is_active(const struct workload *w);

void workload_done(struct workload *w);
void workload_copy(struct workload *to, const struct workload *from); // TO must be zeroed or done
bool workload_equal(const struct workload *a, const struct workload *b);
static inline void auto_workload_run(struct workload *w)
{
	workload_done(w);
}

// Where its facts come from, a row for each.
extern const struct fact_binding workload_facts[FACTS];

// A new reference; unknown (NULL, 0) fields are left out.
json_t *workload_to_json(const struct workload *w, enum naming naming);
// Fills W (zeroed) from OBJECT; unknown keys are ignored. Returns 0, or -EINVAL naming the field.
int workload_from_json(struct workload *w, const json_t *object, enum naming naming, struct err *e);
