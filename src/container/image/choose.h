// Selects an image of a layout by name, tag or digest, and among several platforms the one that runs best on this
// host.
#pragma once

#include "layout.h"

// REF is a name ("docker.io/library/app:1.0"), the end of a name ("app:1.0"), a tag, "@sha256:…", or NULL for the only
// image or the one tagged "latest". Manifests that are not container images are skipped. *MANIFEST, *CONFIG and
// *DIGEST (of the manifest) become owned. Returns 0, or negative errno; the error lists the references that would be
// valid.
int choose_image(const struct layout *l, const char *ref, json_t **manifest, json_t **config, char **digest,
                 struct err *e);

// Rates how well the image name NAME matches REF: 0 is best, larger is worse, negative means no match. Pure.
int choose_match(const char *name, const char *ref);
