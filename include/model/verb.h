// What can be done to a workload: one table for the keys, the command line, the wire, the help and the checks.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "model/workload.h"

enum verb {
	VERB_START,
	VERB_STOP,    // graceful: SIGTERM and a grace period, or an ACPI request
	VERB_KILL,    // at once, or a signal (parameter "signal")
	VERB_PAUSE,
	VERB_RESUME,
	VERB_RESTART,
	VERB_DELETE,  // parameters: "force" (stop first), "storage" (guests: delete disks too)
	VERB_RENAME,  // parameter "to"
	VERB_SET,     // parameters of the recipe that can change while it exists: cpus, memory, autostart …
	VERBS,
};

enum verb_need {
	NEEDS_RUNNING = 1,  // running or paused
	NEEDS_STOPPED = 2,  // created, off, exited, crashed
	NEEDS_PAUSED = 4,
	NEEDS_UNPAUSED = 8, // running and not paused
	WRITES = 16,
	DESTRUCTIVE = 32,   // asks first
};

struct verb_info {
	const char *name;   // on command lines and the wire
	const char *label;  // in menus
	const char *doing;  // "stopping": while it lasts
	unsigned flags;     // verb_need
};

const struct verb_info *verb_info(enum verb verb);
// The verb of NAME, or -1.
int verb_find(const char *name);
// NULL when VERB can be done to W now, else the reason why not ("is not running").
const char *verb_refusal(enum verb verb, const struct workload *w);
// The same for a row of flags that is not a verb's (actions of the screen).
const char *verb_refusal_flags(unsigned flags, const struct workload *w);
// How long, in ns, a workload of KIND is given to end when it is stopped and nothing else is said. A container is killed then; a guest is not.
int64_t verb_grace(enum kind kind);
