// Writing to a descriptor that other processes may share, without ever waiting in write(2) and without changing the
// descriptor for the others.
#pragma once

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

enum output_kind { OUTPUT_FILE, OUTPUT_SOCKET, OUTPUT_OWN, OUTPUT_SHARED };

struct output {
	int fd;             // not owned
	int own;            // the same pipe or terminal, opened once more, -1: none
	enum output_kind kind;
	struct str waiting; // bytes that were not taken yet
	int error;          // errno of the first failure: nothing is written any more
};

void output_open(struct output *o, int fd);
void output_done(struct output *o);
// Writes N bytes, as far as they go; the rest waits. After a failure they are dropped. The caller ignores SIGPIPE.
void output_add(struct output *o, const void *bytes, size_t n);
// Writes what waits, as far as it goes.
void output_push(struct output *o);
// For poll(2): ready when what waits can go on, and when the reader has gone (POLLERR, POLLHUP).
struct pollfd output_poll(const struct output *o);
// Does what poll(2) said.
void output_serve(struct output *o, const struct pollfd *p);
