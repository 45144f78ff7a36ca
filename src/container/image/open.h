// Opening images by their references:
//   host               this machine's own userland
//   dir:PATH           a root file system in a directory
//   oci:PATH[:TAG]     an image in an OCI image layout (image-spec image-layout.md), unpacked into the store; TAG
//                      may be a whole name, or a digest
//   sha256:DIGITS      an image of the store, by the digest of its manifest
//   NAME               an image of the store by its name (name.h), pulled from its registry if need be
// The first that fits counts, so a NAME cannot be "host" and has no such prefix.
#pragma once

#include "base/err.h"
#include "container/store/image.h"
#include "container/store/store.h"
#include "model/job.h"

enum image_pull { PULL_MISSING, PULL_ALWAYS, PULL_NEVER };
struct image_options {
	enum image_pull pull;
	const char *platform; // to be pulled ("linux/arm64"), NULL: this host's
};

// Finds REFERENCE, pulling it if necessary and unpacking layers that the store does not have yet. Returns 0, or
// negative errno naming the reference and what is wrong.
int image_open(struct image *image, const struct store *store, const char *reference,
               const struct image_options *options, const struct job *job, struct err *e);

// Whether image_open() would pull the image or unpack layers. False, too, for one that cannot be opened.
bool image_lacks_layers(const struct store *store, const char *reference, const struct image_options *options);

// The path of the layout that REFERENCE names, owned; NULL when it is not of one.
char *image_layout_path(const char *reference);
