// The images of the store, in an OCI image layout (STORE/images) that other programs can read as it is: each has a
// descriptor in index.json with its canonical name (org.opencontainers.image.ref.name), or none when its name went to
// a newer image.
#pragma once

#include <jansson.h>

#include "base/err.h"
#include "container/store/store.h"

// The lock in STORE/images that is held shared while there are blobs that no image has yet, and exclusively to remove
// such blobs.
#define STORED_BLOBS_LOCK ".blobs.lock"

// STORE/images. Owned by the caller.
char *stored_path(const struct store *s);
// The digest (of a manifest or an index) of the image with the canonical NAME. Owned; NULL: there is none.
char *stored_find(const struct store *s, const char *name);
// Adds DESCRIPTOR under the canonical NAME, which an older image loses. Its blobs must be there. Several processes may
// do so at once. Returns 0 or negative errno.
int stored_add(const struct store *s, const json_t *descriptor, const char *name, struct err *e);
// Removes the blobs of the image DIGEST whose contents do not have their digests. Returns how many.
size_t stored_drop_damaged(const struct store *s, const char *digest);
