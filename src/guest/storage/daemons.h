// The definitions of libvirt's other daemons on this host, which the current connection does not list. They are read
// from the daemons' files, because a daemon may be stopped or hang.
#pragma once

#include "guest/connection/guests.h"
#include "guest/files/claims.h"
#include "guest/files/images.h"

// All that domains but UUID use, as far as it can be found; the rest is in the doubts.
void usage_collect(struct claims *n, struct guests *g, virConnectPtr conn, const char *uuid);

// Where a daemon of libvirt's keeps its files. Strings are not owned.
struct libvirt_files {
	const char *daemon;  // for people
	const char *driver;  // "qemu"
	const char *config;  // "/etc/libvirt"
	const char *running; // of guests that run, may be NULL
	const char *state;   // with the directories of snapshots and checkpoints, may be NULL
	struct account as;
};
// *REFUSAL: errno when something there could not be read, else 0.
void daemon_read(struct claims *n, struct guests *g, const struct libvirt_files *files, int *refusal);
