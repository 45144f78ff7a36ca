// Creates an image in the store from layers of other images and new ones. A killed process leaves nothing but blobs
// that no image uses, which `hostel image prune` removes.
#pragma once

#include <stdint.h>

#include <jansson.h>

#include "base/err.h"
#include "container/store/store.h"
#include "layer.h"
#include "model/job.h"
#include "pack.h"

struct build {
	const struct store *store;
	const struct job *job;
	int lock;          // prevents the collection of blobs that no image refers to yet; -1: not needed yet
	int stage;         // directory with new blobs
	char *entry;       // its name
	json_t *layers;    // descriptors, the lowest first
	json_t *diff_ids;
	size_t reused;     // how many of them the store already had
	struct strv blobs; // digests (hexadecimal) of new blobs in the stage
};

// Returns 0 or negative errno; call build_done() in either case.
int build_open(struct build *b, const struct store *store, const struct job *job, struct err *e);
void build_done(struct build *b);

// Adds files to a layer's archive, in a child process with the rights of root in containers.
typedef int build_files(struct pack *p, void *context, struct err *e);
// Adds a layer of the files that FILES packs. FLAGS and SKIP as for pack_open(). Returns 0 or negative errno.
int build_pack(struct build *b, enum pack_filter filter, unsigned flags, const struct strv *skip, build_files *files,
               void *context, struct err *e);
// Adds a layer from an archive (tar, plain or compressed with gzip or zstd), which is kept as it is. Returns 0,
// -EINVAL for another compression, or another negative errno.
int build_archive(struct build *b, const struct layer_source *source, struct err *e);
// Adds the layer of DESCRIPTOR, whose contents have the digest DIFF_ID, from the layout LAYOUT_FD: below all new ones,
// above those that were added by this function before. Its blob is copied and verified unless the store has it; from
// now on no blob of the store is collected. Returns 0 or negative errno.
int build_reuse(struct build *b, int layout_fd, const json_t *descriptor, const char *diff_id, struct err *e);
// Completes the image: CONFIG becomes its configuration, with the layers' diff_ids. It gets the canonical NAME.
// *DIGEST (of its manifest) becomes owned. Returns 0 or negative errno.
int build_finish(struct build *b, json_t *config, const char *name, char **digest, struct err *e);
