// An image of containers: in the container store, or an OCI layout or directory that containers use.
#pragma once

#include "model/item.h"

struct image_item {
	union {
		struct item item;
		struct { ITEM_FIELDS };
	};
	char *digest;        // "sha256:…", of its manifest
	struct strv names;   // all names
	uint64_t size;       // bytes on disk
	int layers;
	char *platform;      // "linux/amd64"
	struct strv used_by; // names of containers
};
extern const struct fact_binding image_facts[FACTS];
// Cuts the digest that begins at START in OUT to its first 12 digits, which tell digests apart.
void digest_shorten(struct str *out, size_t start);
// Whether WORD means the image: its digest or at least the first 12 digits of it, a name, or, unless
// EXACT, the part of a name after a slash; a tag "latest" may be left out. Returns the name it stands for, the image's
// digest, or NULL. Owned by I.
const char *image_called(const struct image_item *i, const char *word, bool exact);
// The name that WORD, by which the image was found, stands for, else its digest.
const char *image_meant(const struct image_item *i, const char *word);
