// Images in OCI image layouts.
#pragma once

#include "base/err.h"
#include "container/store/image.h"
#include "container/store/store.h"
#include "model/job.h"

// Opens the image REF of the layout PATH: a name, a tag or "@sha256:…" (NULL: the only image, or "latest"). Unpacks
// layers that are missing in the store. Returns 0 or negative errno.
int image_open_layout(struct image *image, const struct store *store, const char *path, const char *ref,
                      const struct job *job, struct err *e);
// Whether layers of that image must be unpacked. Also false if the image cannot be opened.
bool image_layout_lacks_layers(const struct store *store, const char *path, const char *ref);
