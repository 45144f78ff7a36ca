// Writes files into a tar archive: for a layer, or for another program.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "digest.h"
#include "model/job.h"

// Where the archive goes.
struct pack_sink {
	// Returns 0 or negative errno with E set.
	int (*write)(void *context, const void *bytes, size_t n, struct err *e);
	void *context;
};
enum pack_filter { PACK_PLAIN, PACK_GZIP, PACK_ZSTD };
enum pack_flag {
	// the tree is the upper directory of an overlay: its whiteouts and opaque directories become those of a layer
	// (image-spec layer.md)
	PACK_LAYER = 1,
	PACK_ONE_MOUNT = 2, // what is mounted below is left out, but for the mount point
	PACK_FOR_LAYER = 4, // names with a special meaning in a layer are an error
};

struct pack;
// Begins an archive. FLAGS are of enum pack_flag. SKIP (may be NULL): sorted paths in the tree; an empty file or
// directory there is left out. SINK, SKIP and JOB (may be NULL) must remain valid. Returns 0, or negative errno.
int pack_open(struct pack **pack, const struct pack_sink *sink, enum pack_filter filter, unsigned flags,
              const struct strv *skip, const struct job *job, struct err *e);
// Adds NAME in the directory PARENT ("." for the directory itself), and all that is below it, as AS ("." for the root
// of the archive). Links are not followed, and what others put in place of a file meanwhile is packed, or an error; it
// never leads elsewhere. Returns 0 or negative errno.
int pack_add(struct pack *p, int parent, const char *name, const char *as, struct err *e);
// The same for what FD refers to (O_PATH).
int pack_add_open(struct pack *p, int fd, const char *as, struct err *e);
// Ends the archive. Writes the digest of the archive before compression to HEX (may be NULL). Returns 0 or negative
// errno.
int pack_end(struct pack *p, char hex[DIGEST_HEX + 1], struct err *e);
// Releases P (may be NULL).
void pack_free(struct pack *p);
