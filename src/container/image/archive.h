// Archives of images: files that skopeo, podman and docker read and write, too.
#pragma once

#include <stdbool.h>

#include <jansson.h>

#include "base/err.h"
#include "base/str.h"
#include "container/store/store.h"
#include "model/job.h"

// Writes the images of the array DESCRIPTORS, with the names they have there, to FILE (an absolute path), which it
// replaces once it is complete. The archive is an OCI image layout; with DOCKER it also has the manifest.json by which
// older programs find the images. Returns 0 or negative errno; after an error nothing is left.
int archive_save(const struct store *s, const json_t *descriptors, const char *file, bool docker,
                 const struct job *job, struct err *e);
// Adds the images in FILE to the store: an archive as docker, podman and archive_save() write it, plain or compressed,
// or a directory with an OCI image layout. Adds their names to LOADED, or the digest of an image without one. Returns
// 0 or negative errno.
int archive_load(const struct store *s, const char *file, const struct job *job, struct strv *loaded, struct err *e);
