// What happened to a container, also while no hostel ran. Its monitor, and a process that finds the monitor killed,
// write into the file "journal" beside the record. The file has a fixed size, made in advance so that a full disk does
// not matter: JOURNAL_SLOTS slots of JOURNAL_SLOT bytes, the oldest overwritten. A slot is a line of text, padded with
// blanks:
//   NUMBER TIME EVENT CODE RESTARTS SUM REASON
// NUMBER counts events from 1 and gives the place; TIME is wall-clock ns; SUM is a checksum of the others (FNV-1a, 8
// hex digits): a slot that was torn does not count. REASON may hold blanks, and may be empty.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum { JOURNAL_SLOTS = 64, JOURNAL_SLOT = 256, JOURNAL_REASON = 128 };

enum journal_event {
	JOURNAL_STARTED,
	JOURNAL_ENDED,
	JOURNAL_GAVE_UP, // its restart policy gave up
	JOURNAL_FAILED,  // it could not be started again
	JOURNAL_LOST,    // its monitor was killed, or the host went down
	JOURNAL_EVENTS,
};
const char *journal_event_name(enum journal_event event);

struct journal_entry {
	uint64_t number;
	int64_t time; // wall-clock ns
	enum journal_event event;
	int code;     // exit status 0…255, -1 = none
	int restarts; // how often its policy had restarted it
	char reason[JOURNAL_REASON]; // "OOM", "SIGKILL", …; "" = none
};

struct journal_list {
	size_t count;
	struct journal_entry entries[JOURNAL_SLOTS]; // oldest first
};

// Adds what happened; NUMBER is given. CONTAINER_FD is a descriptor of the container's directory; the caller is the
// only writer, as it holds the monitor's lock or the container's. Returns 0 or negative errno.
int journal_note(int container_fd, const struct journal_entry *entry);
// What is there; nothing where there is no journal.
void journal_read(int container_fd, struct journal_list *list);
