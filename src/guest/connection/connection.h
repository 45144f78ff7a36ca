// The connections to libvirt: opened, watched, lost and found again.
#pragma once

#include "base/err.h"
#include "guests.h"

// Never two calls at once on one connection: in libvirt before 10.4 the second may wake the first at the wrong moment,
// and the process crashes on a stack that is gone (CVE-2024-4418). So each request has a connection to itself while it
// lasts.

// Seconds for opening: a session's daemon starts by itself, the first time slowly.
enum { CONNECT_SECONDS = 4 };
// Opens the control connection unless it is usable. The lock is held.
int control_ensure(struct guests *g, struct err *e);
// The control connection, for listing, opened when needed. Returns 0 or negative errno. control_end() gives it back.
int control_begin(struct guests *g, virConnectPtr *conn, struct err *e);
void control_end(struct guests *g, virConnectPtr conn);

// A worker's own connection, or NULL. Only from that worker.
virConnectPtr worker_connection(struct guests *g, enum worker_kind kind);

// Opens a connection without error output, with keepalive, read-only if G is. NULL on failure.
virConnectPtr connection_open(const struct guests *g, const char *uri);
// Says since when the daemon has been silent. The lock is held. Returns -ETIMEDOUT.
int guests_no_answer(struct guests *g, struct err *e);
