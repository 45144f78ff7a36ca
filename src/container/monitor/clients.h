// The clients of a container, in its monitor: output to them, and their requests. The frames are in
// container/monitor/attach.h. The foreground client (`hostel run`) gets all output: the container waits for it
// indefinitely, as for the reader of a pipe. Clients attached later slow the container down as long as they read;
// after CLIENTS_PATIENCE without progress, a client gets no more output until it has caught up, then the number of
// bytes it missed. A slow client is never disconnected.
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
	CLIENTS_IN = ATTACH_HEADER + ATTACH_PAYLOAD_MAX,
	CLIENTS_QUEUE = 256 * 1024,     // bytes queued for a client before the container has to wait
	CLIENTS_PATIENCE = 2000,        // ms without progress after which the container no longer waits
	CLIENTS_REST = 1000,            // ms before accept(2) is retried after a lack of resources
};

struct client {
	int fd; // -1 = unused
	bool foreground;
	bool skipping; // gets no output until its queue is empty
	unsigned char *in; // CLIENTS_IN bytes, of which it has sent HAVE
	size_t have;
	struct str out;   // its queue: whole frames, except that the first may be partly sent
	uint64_t skipped; // bytes of output
	int64_t moved;    // monotonic ns of its last progress
};

struct clients {
	int listener; // -1 = no clients accepted
	int spare;    // a reserved descriptor, to refuse a client when no other is left
	int64_t rest; // monotonic ns: no accept(2) before
	struct client items[CLIENTS_MAX];
	struct str backlog; // whole frames
};

// Handles a frame from a client; F is valid only during the call.
typedef void clients_frame(void *context, const struct client *from, const struct attach_frame *f);

// Takes ownership of LISTENER (-1 = none).
void clients_open(struct clients *c, int listener);
void clients_done(struct clients *c);
// Adds the foreground client, connected over LINE.
void clients_add_foreground(struct clients *c, int line);
// Sends output of STREAM (ATTACH_STDOUT, ATTACH_STDERR), at most ATTACH_OUTPUT_MAX bytes, to all clients, and adds it
// to the backlog for later ones.
void clients_send(struct clients *c, char stream, const char *bytes, size_t n);
// Whether the container's output should not be read for now, because a client is behind. Reduces *TIMEOUT (ms, for
// poll(2)) if needed.
bool clients_are_behind(struct clients *c, int64_t now, int *timeout);
// Fill CLIENTS_POLL entries for poll(2), and handle the result. LISTEN: whether requests of clients can be read now.
void clients_poll(const struct clients *c, struct pollfd p[CLIENTS_POLL], bool listen, int64_t now);
void clients_serve(struct clients *c, const struct pollfd p[CLIENTS_POLL], int64_t now, clients_frame *frame,
                   void *context);
// Accepts clients that are waiting for a connection, and queues the exit status CODE for all clients.
void clients_send_exit(struct clients *c, int code);
// Waits until the foreground client has received everything, and up to TIMEOUT ns for the others, then closes all
// connections.
void clients_finish(struct clients *c, int64_t timeout);
