// What an image refers to: from qemu-img's JSON to paths.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/str.h"

// Another file of an image: its backing file, data file, extent.
struct image_ref {
	char *text;        // as the image spells it
	char *format;      // QEMU's driver for it, NULL = whatever is found there
	struct strv paths; // what the text may mean on this host, absolute
	bool remote;       // not, or not only, a path: a network protocol or something that is not understood
};
struct image_refs {
	struct image_ref *items;
	size_t count;
};
// Adds what JSON, printed by `qemu-img info --output=json`, says of the image at PATH (REAL: without symbolic links,
// may be NULL). Returns 0, or -EINVAL when it is something else.
int image_refs_parse(struct image_refs *refs, const char *json, const char *path, const char *real, struct err *e);
void image_refs_done(struct image_refs *refs);
// Whether a differencing VHD: it has a parent that QEMU ignores.
bool image_has_hidden_parent(const void *head, size_t length);
// Whether a qcow2 that says by itself that it refers to no other file, as most do.
bool image_is_alone(const void *head, size_t length);
