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
#include "model/posture.h"

enum workload_kind {
	KIND_CONTAINER,
	KIND_GUEST,
	KINDS,
};

enum workload_state {
	STATE_UNKNOWN, // the engine does not answer
	STATE_CREATED,
	STATE_RUNNING,
	STATE_PAUSED,
	STATE_STOPPING,
	STATE_OFF,       // a guest that does not run
	STATE_EXITED,    // a container whose first process ended
	STATE_CRASHED,   // a guest that crashed; a container whose monitor was killed
	STATE_SUSPENDED, // a guest asleep (pm) or saved to disk
	STATES,
};

struct workload_state_info {
	const char *name;
	const char *sign, *ascii_sign; // one column, so that state is never by colour alone
	unsigned flags;                // verb_need: NEEDS_RUNNING … as far as this state satisfies them
};
const struct workload_state_info *workload_state_info(enum workload_state state);
const char *workload_kind_name(enum workload_kind kind);
extern const char workload_kinds[]; // all names, for messages
// The kind of NAME, which may be an alias ("vm", "ct"), or -1.
int workload_kind_find(const char *name);
// The kinds (a bit each) of which a name begins with PREFIX, in any case.
unsigned workload_kinds_from(const char *prefix);

// Strings may be NULL (unknown) and are owned. Times are wall-clock nanoseconds, 0 = unknown.
struct workload {
	char *id;     // model/id.h, stable; refer to workloads by this
	char *name;
	char *host;   // ID_HERE on the agent's own side; the client puts its name for the host in
	char *engine; // "bunk", "libvirt", "fake"
	enum workload_kind kind;
	enum workload_state state;
	char *image;  // image of a container, operating system of a guest
	char *command; // what runs inside, for people
	int64_t created, started, finished;
	int exit_code; // -1 = unknown or still running
	char *reason;  // "OOM", "SIGKILL", "destroyed", "monitor died" …
	int64_t last_finished; // of one that was started again: how it ended before, 0 = it has not
	int last_exit_code;
	char *last_reason;
	double cpus;   // limit in CPUs, or vCPUs; 0 = no limit
	uint64_t memory_limit; // bytes, 0 = no limit
	char *addresses;       // comma-separated
	struct strv labels;    // "name=value"
	int restarts;
	bool autostart;
	bool persistent;
	bool active; // running, whatever the state is called: a crashed guest may be kept in memory. Set by the inventory where the state implies it.
	bool simulated;
	double start_ms; // how long the last start took until it ran, 0 = unknown
	int pid;         // first process, or QEMU; 0 = none
	struct posture posture;
	char *trouble; // NULL, or why the engine cannot say more ("no answer since 12:30:05")
};

// Whether it ended as nobody wanted: it crashed, or exited with a status other than 0 or a reason (OOM), but not by the signals that
// ask to end (SIGTERM, SIGINT).
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

enum {
	WORKLOAD_BYTES_MOST = 48 << 10, // of all texts of one that is bound
	WORKLOAD_ID_MAX = 1024,   // bytes. Ids are not cut: they would be another's
};
// What names, titles, labels and the like may take: some come from guests, containers and other hosts, and must not fill the memory here. Cuts what is longer.
void workload_bound(struct workload *w);
// The bytes of W's texts.
size_t workload_bytes(const struct workload *w);

// A new reference; unknown (NULL, 0) fields are left out.
json_t *workload_to_json(const struct workload *w, enum naming naming);
// Fills W (zeroed) from OBJECT; unknown keys are ignored. Returns 0, or -EINVAL naming the field.
int workload_from_json(struct workload *w, const json_t *object, enum naming naming, struct err *e);
