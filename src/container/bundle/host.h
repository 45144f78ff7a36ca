// The image "host": which of this machine's own files a container made of it sees. What is not listed in host_list.c
// is not there.
//   DIR/upper, DIR/work   the root itself; what the container writes is in it
//   DIR/places            the same for read-only directories in which volumes are mounted
//   DIR/host              a link to its base
//   STORE/host/KEY/       a base: copies of what is listed of /etc, and places to mount on; KEY is a hash of what they
//                         were copied from. Shared, never changed; one that no container refers to is removed when the
//                         next is made (under STORE/host/lock)
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/str.h"

// A directory of the host that is mounted in the container, as one overlay.
struct host_mount {
	char *at;            // absolute, here and there
	struct strv options; // of the overlay
	bool seal;           // read-only as soon as the volumes below it have their places
};

// What is mounted of this host in a container whose directory is DIRECTORY: *COUNT rows, owned by the caller
// (host_mounts_free). PLACES are the paths inside on which volumes will be mounted (host_place).
struct host_mount *host_mounts(const char *directory, const struct strv *places, size_t *count);
// PATH, absolute, as a container sees it: without ".", ".." and the links at the top (/bin). Owned.
char *host_place(const char *path);
void host_mounts_free(struct host_mount *mounts, size_t count);

// Makes what host_mounts() and the root need in the container's directory DIR_FD. The container does not run. For a
// process with one thread: it changes the umask meanwhile. Returns 0 or negative errno.
int host_prepare(int dir_fd, const struct strv *places, struct err *e);
// Adds to NAMES the bases that no container refers to, and with REMOVE removes them. CONTAINERS is a descriptor of
// STORE/containers. Returns 0 or negative errno.
int host_unused(int containers, bool remove, struct strv *names);
// Removes the bases that no container refers to any more, as after the removal of one. What cannot be done now is left
// for later.
void host_tidy(int containers);
// The I-th line of what a container sees of the host, as for a list: an absolute path or pattern. NULL at the end.
const char *host_visible(size_t i);
