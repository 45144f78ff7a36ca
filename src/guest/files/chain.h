// Parses the files that an image refers to from qemu-img's JSON output.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/str.h"

// Another file that an image consists of: its backing file, data file or extent.
struct image_ref {
	char *text;        // as written in the image
	char *format;      // QEMU's driver, NULL = probed
	struct strv paths; // the absolute paths that TEXT may refer to on this host
	bool remote;       // not, or not only, a path: a network protocol or an unknown syntax
};
struct image_refs {
	struct image_ref *items;
	size_t count;
};
// Adds the references of the image at PATH from JSON, the output of `qemu-img info --output=json`. REAL is PATH with
// symbolic links resolved (may be NULL). Returns 0, or -EINVAL if the output cannot be parsed.
int image_refs_parse(struct image_refs *refs, const char *json, const char *path, const char *real, struct err *e);
void image_refs_done(struct image_refs *refs);
// Whether the image is a differencing VHD: it has a parent that QEMU ignores.
bool image_has_hidden_parent(const void *head, size_t length);
// Whether the image is a qcow2 without a backing or data file according to its header, as most are.
bool image_is_alone(const void *head, size_t length);
