// An image as stored in a record: the read-only part of a container's root, as directories that overlayfs(5) stacks,
// and the image's settings for running it.
#pragma once

#include <stdbool.h>

#include "base/str.h"

struct image {
	char *reference;
	char *digest;              // of the manifest, "sha256:…"; NULL for an image without a manifest
	struct strv lowers;        // lower directories, topmost first, the order overlayfs expects
	struct strv env, entrypoint, cmd;
	struct strv volumes;       // paths of its VOLUMEs
	struct strv exposed;       // its exposed ports, as written in the image: "80/tcp"
	char *user, *workdir;
	struct strv health;         // its health check, as written in the image: CMD, CMD-SHELL or NONE, and words
	struct strv health_options; // NAME=VALUE, with the names of the options of create
	char *stop_signal;         // as written in the image; NULL = SIGTERM
};
void image_done(struct image *image);
// Whether this is the image "host" (container/bundle/host.h).
bool image_is_host(const struct image *image);
