// A workload: a guest or container, as seen by all layers above the engines.
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
	char *command; // command line inside, for display
	int64_t started, finished;
	int exit_code; // -1 = unknown or still running
	char *reason;  // "OOM", "SIGKILL", "destroyed", "monitor died" …
	int64_t last_finished; // previous exit of a restarted workload, 0 = none
	int last_exit_code; // -1 = unknown
	char *last_reason;
	double cpus;   // limit in CPUs, or vCPUs; 0 = no limit
	uint64_t memory_limit; // bytes, 0 = no limit
	char *addresses;       // comma-separated
	struct strv ports;     // published: "8080:80", "192.0.2.1:5353:53/udp", "9000-9009:9000-9009"
	char *publisher;       // of a guest's ports: "passt" or "QEMU user network"; NULL = none are published
	struct strv networks;  // names of those it is on; "host", "container:web" or "ns:/path" if it shares one
	char *health;          // "starting", "healthy", "unhealthy"; NULL = not checked
	struct strv labels;    // "name=value"
	// of a guest: "vnc" or "spice"; while it runs "vnc://127.0.0.1:5900" if a client on its host can connect to that
	char *graphics;
	int restarts; // by its restart policy; -1 = unknown
	bool autostart;
	bool persistent;
	// has processes or memory in any state: a crashed guest may be kept in memory. Set by the inventory if the state
	// implies it.
	bool active;
	double start_ms; // duration of the last start, 0 = unknown
	int pid;         // first process, or QEMU; 0 = none
	struct posture posture;
};

// ITEM as a workload, or NULL if ITEM is NULL or of another kind.
static inline const struct workload *workload_of(const struct item *item)
{
	return item && kind_is_workload(item->kind) ? (const struct workload *)item : NULL;
}
// The names and aliases of the kinds of workloads, for messages; and the kind called NAME, or -1.
extern const char workload_kinds[];
int workload_kind_find(const char *name);
const char *workload_kind_name(enum kind kind);

// Whether it crashed, or exited with a nonzero status or a reason such as OOM, except by SIGTERM or SIGINT.
bool workload_failed(const struct workload *w);

// Appends the state: "running", "exited 137 OOM".
void workload_add_state(struct str *out, const struct workload *w);

// The NEEDS_… (verb_flag) that W satisfies: its state's, except that an active workload can be stopped, not started.
unsigned workload_flags(const struct workload *w);
bool workload_is_active(const struct workload *w);

void workload_done(struct workload *w);
void workload_copy(struct workload *to, const struct workload *from); // TO must be zeroed
bool workload_equal(const struct workload *a, const struct workload *b);
static inline void auto_workload_run(struct workload *w)
{
	workload_done(w);
}

// The bindings of its facts, one per fact.
extern const struct fact_binding workload_facts[FACTS];

// Returns a new reference; unknown (NULL, 0) fields are left out.
json_t *workload_to_json(const struct workload *w, enum naming naming);
// Fills the zeroed W from OBJECT; unknown keys are ignored. Returns 0, or -EINVAL naming the field.
int workload_from_json(struct workload *w, const json_t *object, enum naming naming, struct err *e);
