// Collects the files used by guests of all libvirt daemons on this host, including daemons that the current connection
// does not list. Their definitions are read from files, because a daemon may be stopped or hang.
#pragma once

#include "guest/connection/guests.h"
#include "guest/files/claims.h"
#include "guest/files/images.h"

// Adds the files used by all domains except UUID. Anything that cannot be determined is added to the doubts.
void usage_collect(struct claims *n, struct guests *g, virConnectPtr conn, const char *uuid);

// The files of one libvirt daemon. Strings are not owned.
struct libvirt_files {
	const char *daemon;  // for messages
	const char *driver;  // "qemu"
	const char *config;  // "/etc/libvirt"
	const char *running; // definitions of running guests, may be NULL
	const char *state;   // contains the directories of snapshots and checkpoints, may be NULL
	struct account as;
};
// Adds the files used by the guests in FILES. *REFUSAL: errno if a file could not be read, else 0.
void daemon_read(struct claims *n, struct guests *g, const struct libvirt_files *files, int *refusal);
