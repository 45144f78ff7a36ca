// Opening images by their references:
//   host               this machine's own userland
//   dir:PATH           a root file system in a directory
//   oci:PATH[:TAG]     an image in an OCI image layout (image-spec image-layout.md), unpacked into the store; TAG
//                      may be a whole name, or a digest
#pragma once

#include "base/err.h"
#include "container/store/image.h"
#include "container/store/store.h"
#include "model/job.h"

// Finds REFERENCE, unpacking layers that the store does not have yet. Returns 0, or negative errno naming the
// reference and what is wrong.
int image_open(struct image *image, const struct store *store, const char *reference, const struct job *job,
               struct err *e);

// Whether image_open() would unpack layers. False, too, for an image that cannot be opened.
bool image_lacks_layers(const struct store *store, const char *reference);

// The path of the layout that REFERENCE names, owned; NULL when it is not of one.
char *image_layout_path(const char *reference);
