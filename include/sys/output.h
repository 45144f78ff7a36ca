// Non-blocking output to a descriptor that other processes may share, without setting O_NONBLOCK for them.
#pragma once

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

enum output_kind { OUTPUT_FILE, OUTPUT_SOCKET, OUTPUT_OWN, OUTPUT_SHARED };

struct output {
	int fd;             // not owned
	int own;            // the same pipe or terminal, reopened; -1: none
	enum output_kind kind;
	struct str waiting; // bytes not yet written
	int error;          // errno of the first failure, after which nothing more is written
};

void output_open(struct output *o, int fd);
void output_done(struct output *o);
// Writes as much of N bytes as possible and queues the rest. After a failure they are dropped. The caller must ignore
// SIGPIPE.
void output_add(struct output *o, const void *bytes, size_t n);
// Writes as much of the queue as possible.
void output_push(struct output *o);
// For poll(2): ready when more can be written, and when the reader has gone (POLLERR, POLLHUP).
struct pollfd output_poll(const struct output *o);
// Handles the result of poll(2).
void output_serve(struct output *o, const struct pollfd *p);
