// Which of the images in a layout is meant: by name, tag or digest, and of several platforms the one that this host
// runs best.
#pragma once

#include "layout.h"

// REF is a name as containers know it ("docker.io/library/app:1.0"), the end of one ("app:1.0"), a tag, "@sha256:…",
// or NULL for the only image or the one tagged "latest". Manifests that are not container images are skipped.
// *MANIFEST, *CONFIG and *DIGEST (of the manifest) become owned. Returns 0, or negative errno with what to type, or
// what there is instead.
int choose_image(const struct layout *l, const char *ref, json_t **manifest, json_t **config, char **digest,
                 struct err *e);

// How well an image called NAME is the wanted one: 0 best, negative: not at all. Pure.
int choose_match(const char *name, const char *ref);
