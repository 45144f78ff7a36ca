// Names of images in registries, as users of docker and podman type them:
//   [DOMAIN/]PATH[:TAG][@sha256:DIGITS]
// (distribution/reference "reference.go" has the grammar). The canonical name has a domain, and a digest or a tag:
// "nginx" is "docker.io/library/nginx:latest".
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

// Checks TEXT against the grammar. Returns 0, or -EINVAL naming the part that is wrong.
int image_name_check(const char *text, struct err *e);
// The canonical name of a valid TEXT. A tag beside a digest is dropped: the digest decides. Owned.
char *image_name_canonical(const char *text);
// The tag of NAME, which points into it, or NULL.
const char *image_name_tag(const char *name);
// Whether NAME begins with a domain: without one, the host's registries.conf(5) may say where to look.
bool image_name_has_domain(const char *name);
// How many bytes of NAME are before the tag and the digest.
size_t image_name_repository(const char *name);
