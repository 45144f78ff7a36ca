// The documents of an OCI image layout on disk (image-spec image-layout.md): each is read once, and checked against
// its digest before it is used.
#pragma once

#include <stdint.h>

#include <jansson.h>

#include "base/err.h"
#include "base/mem.h"
#include "container/store/store.h"
#include "model/job.h"

struct layout {
	const char *path;
	int fd;
	const struct store *store;
	const struct job *job;
	size_t *left; // bytes that may still be read as documents
	bool look;    // only whether its layers are in the store
	uint64_t *done, total; // bytes of the layers that are unpacked
};

// Of all documents of one layout: an index may name the same one thousands of times, and that one the next.
enum { LAYOUT_READ_MAX = 128 << 20 };

static inline void auto_json_run(json_t **j)
{
	json_decref(*j);
}
#define auto_json AUTO(json) json_t *

// The text at KEY, NULL when there is none.
const char *layout_text(const json_t *object, const char *key);
// The size that a descriptor names (BLOB_SIZE_UNKNOWN: none). Returns 0 or -EINVAL when that is not a size.
int layout_size(const json_t *descriptor, int64_t *size, struct err *e);
// The document that DESCRIPTOR leads to, called WHAT in errors. Owned. Returns 0 or negative errno naming the layout:
// -E2BIG when too much was read already.
int layout_read(const struct layout *l, const char *what, const json_t *descriptor, json_t **object, struct err *e);
int layout_read_index(const struct layout *l, json_t **index, struct err *e);
