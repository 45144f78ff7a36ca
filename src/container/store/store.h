// The store: containers, unpacked layers and the runtime's state on disk.
//   STORE/containers/NAME/   record.json state.json config.json log upper/ work/ root/ monitor lock attach
//   STORE/containers/.changed   touched whenever any container changes
//   STORE/containers/.ids       exists if the runtime may know a container by another name (container/state/runtime.h)
//   STORE/host/KEY/          bases of containers of the image "host" (container/bundle/host.h)
//   STORE/layers/SHA256/     unpacked layers
//   STORE/images/            images by name, an OCI image layout (container/image/stored.h)
//   STORE/volumes/           volumes (container/store/volume.h)
//   .part.*.locked, in these being created or removed, locked by the process that does it
//   .busy, in both           held shared by processes of older versions while they do so
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"

struct store {
	char *path;       // absolute
	char *runtime;    // bunk's state directory
	int containers, layers, images, volumes; // O_PATH descriptors of these directories of STORE
};

// Opens the store, and creates it if needed: WHERE, else $HOSTEL_STORE, else /var/lib/hostel for root and
// $XDG_DATA_HOME/hostel (~/.local/share/hostel) for others. Returns 0 or negative errno; -EPERM for a directory that
// another user owns or can write to.
int store_open(struct store *s, const char *where, struct err *e);
void store_done(struct store *s);
// The path that store_open() would use. Owned; NULL if there is none.
char *store_where(const char *where);

// Whether PATH is the default store of this user.
bool store_is_usual(const char *path);
// STORE/containers/NAME. Owned by the caller.
char *store_container_path(const struct store *s, const char *name);
// Opens the directory of container NAME (O_PATH). Returns a descriptor or -ENOENT.
int store_container_open(const struct store *s, const char *name, struct err *e);
// The name that the container with the directory CONTAINER_FD has now. Owned; NULL if it has been removed.
char *store_container_name(int container_fd);
// Checks whether the store's file system can hold writable layers. Returns 0, or -EOPNOTSUPP with the remedy.
int store_check_layers(const struct store *s, struct err *e);
// Creates the directory of a new container and its subdirectories, under the temporary name *ENTRY (owned by the
// caller) in STORE/containers. The caller must hold store_busy(). Returns a descriptor or negative errno.
int store_container_make(const struct store *s, char **entry, struct err *e);
// Renames ENTRY to NAME, once the container is complete. Returns 0, -EEXIST or another negative errno.
int store_container_publish(const struct store *s, const char *entry, const char *name, struct err *e);
// Removes a container: first its name, then its files. CONTAINERS_FD is a descriptor of STORE/containers. Returns 0,
// -ENOENT or another negative errno.
int store_container_remove(int containers_fd, const char *name, struct err *e);

// Returns a descriptor to be held while something is created or removed in the store, or negative errno. It keeps
// older versions from sweeping.
int store_busy(int containers_fd);
// Whether the directory ENTRY of STORE/containers or STORE/layers is being created or removed.
bool store_is_unfinished(const char *entry);
// Removes what killed processes left half created or half removed; never what a living process holds.
void store_sweep(const struct store *s);
// Adds to NAMES what store_sweep() would remove, as "containers/…" and "layers/…".
void store_left_over(const struct store *s, struct strv *names);

// Creates the directory of a new layer (mode 0755), under the temporary name *ENTRY (owned by the caller). Returns a
// descriptor or negative errno. If the descriptor is closed before the layer is published, store_sweep() removes the
// layer.
int store_layer_make(const struct store *s, char **entry, struct err *e);
// Renames ENTRY to NAME, once the layer is complete; discards ENTRY if that layer exists by now. Returns 0 or negative
// errno; after an error ENTRY has been discarded.
int store_layer_publish(const struct store *s, const char *entry, const char *name, struct err *e);
// The path of the layer NAME, or of an unpublished ENTRY. Owned.
char *store_layer_path(const struct store *s, const char *name);
void store_layer_discard(const struct store *s, const char *entry);
bool store_has_layer(const struct store *s, const char *name);
// Adds the names of all complete layers to NAMES.
void store_layers(const struct store *s, struct strv *names);
// Removes a layer: first its name, then its files. Returns 0 or negative errno.
int store_layer_remove(const struct store *s, const char *name, struct err *e);

// Creates a directory (mode 0700) in STORE/images, under the temporary name *ENTRY, for files that are not yet part
// of the layout, like store_layer_make().
int store_stage_make(const struct store *s, char **entry, struct err *e);
void store_stage_discard(const struct store *s, const char *entry);

// Creates a directory (mode 0700) in STORE/volumes, under the temporary name *ENTRY, like store_layer_make().
int store_volume_make(const struct store *s, char **entry, struct err *e);
// Removes ENTRY of the directory DIR_FD with everything in it, also what belongs to subordinate ids. Returns 0 or
// negative errno.
int store_remove_entry(int dir_fd, const char *entry, struct err *e);
// The same: first the name, so that it is never seen with a part of its files. Returns 0, -ENOENT if it does not
// exist, or another negative errno; -EUCLEAN if only the name was removed.
int store_remove_named(int dir_fd, const char *name, struct err *e);

// Notifies all watchers that a container changed. CONTAINERS_FD is a descriptor of STORE/containers.
void store_touch(int containers_fd);

// Adds the remedy to E if the store cannot be written: disk space, inodes, quota, read-only file system, file size
// limit.
void store_add_remedy(const struct store *s, struct err *e);

// Takes an exclusive lock in the container's directory: NAME is "lock" (held by a process that changes the container)
// or "monitor" (held by the monitor for its lifetime; the file contains "PID START-TIME"). Returns a descriptor that
// holds the lock until it is closed, or -EWOULDBLOCK if another process holds it and WAIT is false.
int store_lock(int container_fd, const char *name, bool wait);
// The same, but shared: "stopping" is held by processes that stop the container.
int store_lock_shared(int container_fd, const char *name);
// Whether any process holds the lock NAME. If that cannot be found out (too many open files), one is assumed to hold
// it: what depends on the answer removes things.
bool store_is_locked(int container_fd, const char *name);
