// Images: the read-only part of a container's root, as directories that overlayfs(5) stacks, and what the image says about running it.
//   host               this machine's own userland
//   dir:PATH           a root file system in a directory
//   oci:PATH[:TAG]     an image in an OCI image layout (image-spec image-layout.md), unpacked into the store; TAG may be a whole name, or a digest
#pragma once

#include <sys/types.h>

#include "base/err.h"
#include "base/str.h"
#include "container/store.h"
#include "model/job.h"

struct image {
	char *reference;
	char *digest;              // of the manifest, "sha256:…"; NULL when there is none
	struct strv lowers;        // directories, the uppermost first, as overlayfs wants them
	struct strv env, entrypoint, cmd;
	char *user, *workdir;
	char *stop_signal;         // as the image spells it, NULL: SIGTERM
};
void image_done(struct image *image);
bool image_is_host(const struct image *image);

// Finds REFERENCE, unpacking layers that the store does not have yet. Returns 0, or negative errno naming the reference and what is wrong.
int image_open(struct image *image, const struct store *store, const char *reference, const struct job *job, struct err *e);

// The path of the layout that REFERENCE names, owned; NULL when it is not of one.
char *image_layout_path(const char *reference);

// The part for layouts (oci.c): PATH and REF, a name, a tag or "@sha256:…" (NULL: the only image, or "latest").
int image_open_layout(struct image *image, const struct store *store, const char *path, const char *ref, const struct job *job, struct err *e);
// Where the bytes of a layer's archive come from.
struct layer_source {
	// Gives at most ROOM bytes. Returns their number, 0 at the end, or negative errno with E.
	ssize_t (*read)(void *context, void *bytes, size_t room, struct err *e);
	void *context;
};
// The layers below the one that is unpacked: directories, the uppermost first. USED: the result depends on them, because the archive leaves out parent
// directories that only they list, or reaches its files through their links.
struct layer_below {
	struct strv roots;
	bool used;
};
// Unpacks a layer (tar, plain or compressed with gzip, xz or zstd) into the directory DIR_FD, whiteouts in overlayfs's form (image-spec layer.md).
// Nothing is written outside DIR_FD, whatever the archive says. DIFF_ID is what its archive must be without compression ("sha256:…", NULL: unknown).
// BELOW is NULL where nothing is known of the layers below.
// SOURCE is read up to the end of the archive: bytes that follow are left. Returns 0, -EBADMSG for a damaged archive, or negative errno (layer.c).
int layer_unpack(const struct layer_source *source, int dir_fd, struct layer_below *below, const char *diff_id, const struct job *job, struct err *e);
