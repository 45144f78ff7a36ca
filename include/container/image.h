// Images: the read-only part of a container's root, as directories that overlayfs(5) stacks, and what the image says about running it.
//   host               this machine's own userland
//   dir:PATH           a root file system in a directory
//   oci:PATH[:TAG]     an OCI image layout (image-spec image-layout.md), unpacked into the store
#pragma once

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
};
void image_done(struct image *image);
bool image_is_host(const struct image *image);

// Finds REFERENCE, unpacking layers that the store does not have yet. Returns 0, or negative errno naming the reference and what is wrong.
int image_open(struct image *image, const struct store *store, const char *reference, const struct job *job, struct err *e);

// The part for layouts (oci.c): PATH and TAG (NULL: the only one, or "latest").
int image_open_layout(struct image *image, const struct store *store, const char *path, const char *tag, const struct job *job, struct err *e);
// Unpacks the layer file FD (tar, also compressed) into the directory DIR_FD, whiteouts in overlayfs's form (image-spec layer.md). Nothing is
// written outside DIR_FD, whatever the archive says (layer.c).
int layer_unpack(int fd, int dir_fd, const struct job *job, struct err *e);
