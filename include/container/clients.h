// The terminals attached to a container, in its monitor: what they get, what they send. Frames are in container/attach.h.
#pragma once

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "container/attach.h"

enum {
	CLIENTS_MAX = 16,
	CLIENTS_POLL = CLIENTS_MAX + 1,        // entries of poll(2)
	CLIENTS_EARLY_BACKLOG = 1024 * 1024,   // bytes kept until the first one is there, ATTACH_BACKLOG after
	CLIENTS_QUEUE = 256 * 1024,            // bytes that may wait for one before the container waits, too
	CLIENTS_PATIENCE = 2000,               // ms without progress until it loses its line
};

struct client {
	int fd; // -1: free
	unsigned char in[ATTACH_HEADER + ATTACH_PAYLOAD_MAX];
	size_t have;
	struct str out; // what it has not taken yet
	int64_t moved;  // monotonic ns of its last progress
};

struct clients {
	int listener; // -1: nobody comes any more
	struct client items[CLIENTS_MAX];
	struct str backlog;
	bool early;   // nobody was there yet, and one is expected
};

// What a client wants: F is valid during the call.
typedef void clients_frame(void *context, const struct attach_frame *f);

// Owns LISTENER from now on. EARLY: somebody attaches soon, and wants all from the beginning.
void clients_open(struct clients *c, int listener, bool early);
void clients_done(struct clients *c);
// Nobody is expected any more: the backlog shrinks.
void clients_stop_waiting(struct clients *c);
// Output for all of them, and for who comes later.
void clients_send(struct clients *c, const char *bytes, size_t n);
// Whether the container's output is to be left where it is for now: somebody is behind. Whoever makes no progress for CLIENTS_PATIENCE loses his line,
// so that no container waits for long. *TIMEOUT (ms, for poll(2)) is made shorter where it must be.
bool clients_are_behind(struct clients *c, int64_t now, int *timeout);
// Fills CLIENTS_POLL entries, and does what they then say.
// HEAR: whether what they send can be taken now.
void clients_poll(const struct clients *c, struct pollfd p[CLIENTS_POLL], bool hear);
void clients_serve(struct clients *c, const struct pollfd p[CLIENTS_POLL], int64_t now, clients_frame *frame, void *context);
// The end: those who wait at the door get the backlog, all get what is left for them, for at most TIMEOUT ns. Then all lines are closed.
void clients_finish(struct clients *c, int64_t timeout);
