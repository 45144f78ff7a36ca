// Removing what is unused: blobs that no image of the store refers to, and unpacked layers that neither an image
// nor a container uses.
#pragma once

#include <stdint.h>

#include <jansson.h>

#include "base/err.h"
#include "container/store/record.h"
#include "container/store/store.h"

struct garbage {
	size_t blobs, layers;
	uint64_t blob_bytes, layer_bytes; // on disk
};

// What is in use.
struct collection {
	const struct store *store;
	const json_t *index;            // of the images that remain
	const struct records *records;  // of all containers
	const json_t *only;             // keys: digests that may be removed, with their layers; NULL: all
	bool look;                      // count only
};

// The lock that must be held: no image is being pulled, loaded or unpacked, and no container created. Returns a
// descriptor, -EBUSY if one is, or another negative errno.
int collect_lock(const struct store *s, struct err *e);
// Removes, or counts, what C does not use. Killed at any moment, it leaves whole blobs and layers, of which the next
// collection removes the rest. Returns 0 or negative errno; nothing is removed if a part of an image that is in the
// store cannot be read.
int collect(const struct collection *c, struct garbage *g, struct err *e);
