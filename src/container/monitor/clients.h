// The clients of a container's output, in its monitor: what they get, what they send. Frames are in
// container/monitor/attach.h. The foreground client (`hostel run`) gets everything: the container waits for it without
// a limit, as for the reader of a pipe. A terminal that is attached later slows the container down while it reads;
// after CLIENTS_PATIENCE without a read it gets no more output until it has caught up, then the number of bytes it
// missed. A slow client is never disconnected.
#pragma once

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attach.h"
#include "base/str.h"

enum {
	CLIENTS_MAX = 16,
	CLIENTS_POLL = CLIENTS_MAX + 1, // entries of poll(2)
	CLIENTS_QUEUE = 256 * 1024,     // bytes that may wait for one before the container waits, too
	CLIENTS_PATIENCE = 2000,        // ms without progress until the container waits no longer
	CLIENTS_REST = 1000,            // ms until accept(2) is retried after it ran out of a resource
};

struct client {
	int fd; // -1: free
	bool foreground;
	bool skipping; // gets nothing until it has read what is queued
	unsigned char in[ATTACH_HEADER + ATTACH_PAYLOAD_MAX];
	size_t have;
	struct str out;   // what it has not read yet, in whole frames except for the first
	uint64_t skipped; // bytes of output
	int64_t moved;    // monotonic ns of its last progress
};

struct clients {
	int listener; // -1: no client can come
	int spare;    // a descriptor to refuse a client with when no other is left
	int64_t rest; // monotonic ns: accept(2) is not tried before
	struct client items[CLIENTS_MAX];
	struct str backlog; // whole frames
};

// What a client wants: F is valid during the call.
typedef void clients_frame(void *context, const struct client *from, const struct attach_frame *f);

// Owns LISTENER (-1: none) from now on.
void clients_open(struct clients *c, int listener);
void clients_done(struct clients *c);
// Takes LINE as that of the foreground client.
void clients_add_foreground(struct clients *c, int line);
// Output of STREAM (ATTACH_STDOUT, ATTACH_STDERR), at most ATTACH_OUTPUT_MAX bytes, for all of them, and for later
// ones.
void clients_send(struct clients *c, char stream, const char *bytes, size_t n);
// Whether the container's output is to be left where it is for now, as a client is behind. *TIMEOUT (ms, for poll(2))
// is made shorter where it must be.
bool clients_are_behind(struct clients *c, int64_t now, int *timeout);
// Fills CLIENTS_POLL entries, and does what they then say. LISTEN: whether what clients send can be read now.
void clients_poll(const struct clients *c, struct pollfd p[CLIENTS_POLL], bool listen, int64_t now);
void clients_serve(struct clients *c, const struct pollfd p[CLIENTS_POLL], int64_t now, clients_frame *frame,
                   void *context);
// The end: clients waiting for a connection get the backlog, and all clients get the exit status CODE behind what
// waits for them.
void clients_send_exit(struct clients *c, int code);
// Waits until the foreground client has taken all, and for the others for at most TIMEOUT ns. Then all lines are
// closed.
void clients_finish(struct clients *c, int64_t timeout);
