// The JSON documents of an OCI image layout on disk (image-spec image-layout.md). Each is read once, and verified
// against its digest before it is used.
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
	size_t *left; // bytes of documents that may still be read
	bool look;    // only check whether its layers are in the store
	uint64_t *done, total; // bytes of layers: unpacked so far, to unpack
	uint32_t owners; // who owns the files of unpacked layers, 0: the ids are the archive's, or all the user's
};

// The limit for all documents of one layout together: an index can reference the same index thousands of times, and
// that one the next.
enum { LAYOUT_READ_MAX = 128 << 20 };

static inline void auto_json_run(json_t **j)
{
	json_decref(*j);
}
#define auto_json AUTO(json) json_t *

// The string at KEY, NULL if there is none.
const char *layout_text(const json_t *object, const char *key);
// Sets *SIZE to the size in DESCRIPTOR, BLOB_SIZE_UNKNOWN if it has none. Returns 0, or -EINVAL if it is invalid.
int layout_size(const json_t *descriptor, int64_t *size, struct err *e);
// Reads the document that DESCRIPTOR references, called WHAT in errors. *OBJECT becomes owned. Returns 0, -E2BIG after
// LAYOUT_READ_MAX bytes of documents, or another negative errno; the error names the layout.
int layout_read(const struct layout *l, const char *what, const json_t *descriptor, json_t **object, struct err *e);
int layout_read_index(const struct layout *l, json_t **index, struct err *e);
