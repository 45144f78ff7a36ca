// The store: where containers, unpacked layers and the runtime's state are kept on disk.
//   STORE/containers/NAME/   record.json state.json config.json log upper/ work/ root/ monitor lock attach
//   STORE/containers/.changed   touched whenever something about any container changed
//   STORE/host/KEY/          bases of containers of the image "host" (container/bundle/host.h)
//   STORE/layers/SHA256/     unpacked layers
//   STORE/images/            images by name, an OCI image layout (container/image/stored.h)
//   .part.*.locked, in these being made or being removed, locked by the process that does it
//   .busy, in both           held shared by processes of older versions that do so
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"

struct store {
	char *path;       // absolute
	char *runtime;    // bunk's state directory
	int containers, layers, images; // O_PATH descriptors of STORE/containers, STORE/layers, STORE/images
};

// Opens or makes the store: WHERE, else $HOSTEL_STORE, else /var/lib/hostel for root and $XDG_DATA_HOME/hostel
// (~/.local/share/hostel) for others. Returns 0 or negative errno; refuses a directory that another user owns or can
// write to.
int store_open(struct store *s, const char *where, struct err *e);
void store_done(struct store *s);
// The path that store_open() would open: owned, NULL when there is none.
char *store_where(const char *where);

// Whether PATH is where this user's store is when nothing else is said.
bool store_is_usual(const char *path);
// STORE/containers/NAME. Owned by the caller.
char *store_container_path(const struct store *s, const char *name);
// Opens that directory (O_PATH). Returns a descriptor or -ENOENT.
int store_container_open(const struct store *s, const char *name, struct err *e);
// Whether the store's file system can hold writable layers. Returns 0 or -EOPNOTSUPP with the remedy.
int store_check_layers(const struct store *s, struct err *e);
// Makes the directory of a new container and what is always in it, as *ENTRY (owned by the caller) of
// STORE/containers: it has no name yet. The caller holds store_busy(). Returns a descriptor or negative errno.
int store_container_make(const struct store *s, char **entry, struct err *e);
// Gives it its name, once it is whole. Returns 0, or -EEXIST.
int store_container_publish(const struct store *s, const char *entry, const char *name, struct err *e);
// Takes a container's name away, then removes all of it. CONTAINERS_FD is a descriptor of STORE/containers. Returns 0,
// -ENOENT or negative errno.
int store_container_remove(int containers_fd, const char *name, struct err *e);

// A descriptor that is held while something is created or removed in the store: no process sweeps meanwhile.
int store_busy(int containers_fd);
// Whether the directory ENTRY of STORE/containers or STORE/layers is being made or removed.
bool store_is_unfinished(const char *entry);
// Removes what killed processes left half made or half removed; never what a process still holds.
void store_sweep(const struct store *s);
// Adds to NAMES what store_sweep() would remove, as "containers/…" and "layers/…".
void store_left_over(const struct store *s, struct strv *names);

// Makes the directory of a new layer (mode 0755) as *ENTRY (owned by the caller): it has no name yet. Returns a
// descriptor or negative errno. It is the caller's until the descriptor is closed; then store_sweep() removes what was
// not published.
int store_layer_make(const struct store *s, char **entry, struct err *e);
// Gives it its NAME once it is whole, or discards it when that layer is there by now. Returns 0 or negative errno;
// then it was discarded.
int store_layer_publish(const struct store *s, const char *entry, const char *name, struct err *e);
// The path of a layer, or of ENTRY that becomes one. Owned.
char *store_layer_path(const struct store *s, const char *name);
void store_layer_discard(const struct store *s, const char *entry);
bool store_has_layer(const struct store *s, const char *name);

// Makes a directory (mode 0700) in STORE/images for files that are not yet part of it, as *ENTRY, like
// store_layer_make().
int store_stage_make(const struct store *s, char **entry, struct err *e);
void store_stage_discard(const struct store *s, const char *entry);

// Tells every watcher that a container changed. CONTAINERS_FD is a descriptor of STORE/containers.
void store_touch(int containers_fd);

// Adds the remedy to E where the store cannot be written to: space, inodes, quota, read-only, or the limit of file
// sizes.
void store_add_remedy(const struct store *s, struct err *e);

// Takes the lock NAME ("lock": a process that changes the container; "monitor": its monitor, for life, with "PID
// START-TIME" in the file) in the container's directory. Returns a descriptor that holds it until it is closed, or
// -EWOULDBLOCK when another process has it and not WAIT.
int store_lock(int container_fd, const char *name, bool wait);
// The same, shared with other holders ("stopping": processes that stop the container).
int store_lock_shared(int container_fd, const char *name);
// Whether a process holds it.
bool store_is_locked(int container_fd, const char *name);
