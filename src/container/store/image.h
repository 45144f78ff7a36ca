// An image as a record keeps it: the read-only part of a container's root, as directories that overlayfs(5) stacks,
// and what the image says about running it.
#pragma once

#include <stdbool.h>

#include "base/str.h"

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
