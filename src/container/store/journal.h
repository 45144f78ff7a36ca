// The event journal of a container. It is written by the container's monitor, and by the process that finds the
// monitor killed, so it also covers times when hostel was not running. The file "journal" beside the record has a
// fixed size, preallocated so that events can be recorded on a full disk: JOURNAL_SLOTS slots of JOURNAL_SLOT bytes; a
// new event overwrites the oldest. A slot is a line of text, padded with spaces:
//   NUMBER TIME EVENT CODE RESTARTS SUM REASON
// NUMBER counts events from 1 and determines the slot; TIME is wall-clock ns; SUM is a checksum of the other fields
// (FNV-1a, 8 hex digits), so that a torn slot is ignored. REASON may contain spaces, or be empty.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum { JOURNAL_SLOTS = 64, JOURNAL_SLOT = 256, JOURNAL_REASON = 128 };

enum journal_event {
	JOURNAL_STARTED,
	JOURNAL_ENDED,
	JOURNAL_GAVE_UP, // the restart policy gave up
	JOURNAL_FAILED,  // a restart failed
	JOURNAL_LOST,    // the monitor was killed, or the host went down
	JOURNAL_HEALTH,  // its health changed; REASON says to what
	JOURNAL_NETWORK, // a part of its network was lost and could not be restored
	JOURNAL_RESTORED, // a part of its network was lost and has been restored; REASON names it
	JOURNAL_EVENTS,
};
const char *journal_event_name(enum journal_event event);

struct journal_entry {
	uint64_t number;
	int64_t time; // wall-clock ns
	enum journal_event event;
	int code;     // exit status 0…255, -1 = none
	int restarts; // by the restart policy, so far
	char reason[JOURNAL_REASON]; // "OOM", "SIGKILL", …; "" = none
};

struct journal_list {
	size_t count;
	struct journal_entry entries[JOURNAL_SLOTS]; // oldest first
};

// Appends ENTRY, ignoring its NUMBER. CONTAINER_FD is a descriptor of the container's directory. The caller must hold
// the monitor's or the container's lock, and so is the only writer. Returns 0 or negative errno.
int journal_note(int container_fd, const struct journal_entry *entry);
// Reads all entries; an empty list if there is no journal.
void journal_read(int container_fd, struct journal_list *list);
