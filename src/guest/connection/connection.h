// Connections to libvirt: opening, monitoring, reconnecting.
#pragma once

#include "base/err.h"
#include "guests.h"

// A connection never has two calls in flight: in libvirt before 10.4 the second call may wake the first too early, and
// the process then crashes on a dead stack frame (CVE-2024-4418). So each request has a connection to itself.

// Connect timeout in seconds: a session daemon is started on demand, which may take this long the first time.
enum { CONNECT_SECONDS = 4 };
// Opens the control connection unless it is usable. The caller holds the lock. Returns 0 or negative errno.
int control_ensure(struct guests *g, struct err *e);
// Reserves the control connection, which is used for listing, opening it if needed. Returns 0 or negative errno.
// control_end() returns it.
int control_begin(struct guests *g, virConnectPtr *conn, struct err *e);
void control_end(struct guests *g, virConnectPtr conn);

// The connection of the calling worker, or NULL if it cannot be opened.
virConnectPtr worker_connection(struct guests *g, enum worker_kind kind);

// Opens a connection with keepalive, and without libvirt's error output; read-only if G is. NULL on failure.
virConnectPtr connection_open(const struct guests *g, const char *uri);
// Reports since when the daemon has not answered. The caller holds the lock. Returns -ETIMEDOUT.
int guests_no_answer(struct guests *g, struct err *e);
