// The image "host": a container of it shares the host's userland. What is not listed in host_list.c is not visible.
//   DIR/upper, DIR/work   the root itself, with everything the container writes
//   DIR/places            the same for read-only directories in which volumes are mounted
//   DIR/host              a link to its base
//   STORE/host/KEY/       a base: copies of the listed files of /etc, and mount points; KEY is a hash of their
//                         originals. Shared and immutable; a base that no container uses is removed when the next one
//                         is created (under STORE/host/lock)
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/str.h"

// A directory of the host, mounted in the container as an overlay.
struct host_mount {
	char *at;            // absolute, the same on the host and in the container
	struct strv options; // of the overlay
	bool seal;           // remount read-only once the volumes inside have mount points
};

// The mounts of a container whose directory is DIRECTORY: *COUNT rows, owned by the caller (host_mounts_free()).
// PLACES are the mount points of its volumes (host_place()).
struct host_mount *host_mounts(const char *directory, const struct strv *places, size_t *count);
// Normalises PATH (absolute) as a container would resolve it: without ".", "..", and with top-level symbolic links
// (/bin) resolved. Owned.
char *host_place(const char *path);
// Normalises PATH (absolute): without ".", ".." and doubled or trailing slashes. Owned.
char *host_without_dots(const char *path);
void host_mounts_free(struct host_mount *mounts, size_t count);

// Creates the directories that host_mounts() and the root need in the container's directory DIR_FD. The container must
// not be running. Not thread-safe: it changes the umask temporarily. Returns 0 or negative errno.
int host_prepare(int dir_fd, const struct strv *places, struct err *e);
// Adds the bases that no container uses to NAMES, and removes them if REMOVE. CONTAINERS is a descriptor of
// STORE/containers. Returns 0 or negative errno.
int host_unused(int containers, bool remove, struct strv *names);
// Removes unused bases, for example after a container was removed. Failures are left to a later call.
void host_tidy(int containers);
// The I-th path or pattern (absolute) of the host that is visible in a container, for display. NULL at the end.
const char *host_visible(size_t i);
