// The images of the store, in an OCI image layout (STORE/images) that other programs can read as it is: each has a
// descriptor in index.json with its canonical name (org.opencontainers.image.ref.name), or none when its name went to
// a newer image.
#pragma once

#include <stdint.h>

#include <jansson.h>

#include "base/err.h"
#include "container/store/store.h"

// The lock in STORE/images that is held shared while there are blobs that no image has yet, and exclusively to remove
// such blobs.
#define STORED_BLOBS_LOCK ".blobs.lock"

// Takes that lock shared. Returns a descriptor or negative errno.
int stored_hold(const struct store *s, struct err *e);
// STORE/images. Owned by the caller.
char *stored_path(const struct store *s);
// The digest (of a manifest or an index) of the image with the canonical NAME. Owned; NULL: there is none.
char *stored_find(const struct store *s, const char *name);
// Bytes of the blob DIGEST in the store, 0: it is not there.
uint64_t stored_blob_size(const struct store *s, const char *digest);
// The descriptor that is called NAME, a canonical name or a digest. A new reference; NULL with E set.
json_t *stored_descriptor(const struct store *s, const char *name, struct err *e);
// Adds DESCRIPTOR under the canonical NAME (NULL: without a name), which an older image loses. Its blobs must be
// there. Several processes may do so at once. Returns 0 or negative errno.
int stored_add(const struct store *s, const json_t *descriptor, const char *name, struct err *e);
// Adds several, all or none: an array of objects with "descriptor" and perhaps "name".
int stored_add_all(const struct store *s, const json_t *images, struct err *e);
// The descriptors of the store's images, a copy: an object with the array "manifests". A store without images has an
// empty one. Returns 0 or negative errno.
int stored_read(const struct store *s, json_t **index, struct err *e);
// The name of a descriptor of it; NULL: none.
const char *stored_name(const json_t *descriptor);
// The digest and all names of the image that DIGEST is of: of its own manifest or index, or of a manifest in it.
// *WHOLE becomes owned. Returns 0, or -ENOENT.
int stored_lookup(const struct store *s, const char *digest, char **whole, struct strv *names, struct err *e);
// Adds all digests that DESCRIPTOR leads to, its own too, as keys to the object DIGESTS. Returns 0, or negative errno
// if a part cannot be read that is there.
int stored_mark(const struct store *s, const json_t *descriptor, json_t *digests, struct err *e);
// Checks that all parts of the image of DESCRIPTOR are there and have their sizes; of an index, those that are there.
// Does not read the layers. Returns 0, or negative errno naming the part.
int stored_check(const struct store *s, const json_t *descriptor, struct err *e);
// Gives the image DIGEST the canonical NAME as well. Returns 0 or negative errno: -ENOENT.
int stored_tag(const struct store *s, const char *digest, const char *name, struct err *e);
// Takes NAME away from its image, which keeps its others. Returns 0 or negative errno: -ENOENT, -EBUSY (it is the
// last).
int stored_untag(const struct store *s, const char *name, struct err *e);
// Removes the image DIGEST from the index with all its names; its blobs remain. Returns 0 or negative errno.
int stored_remove(const struct store *s, const char *digest, struct err *e);

// Removes the descriptors in the array GONE from the index, unless they have changed since. Returns 0 or negative
// errno.
int stored_drop(const struct store *s, const json_t *gone, struct err *e);

// Removes the blobs of the image DIGEST whose contents do not have their digests. Returns how many.
size_t stored_drop_damaged(const struct store *s, const char *digest);
