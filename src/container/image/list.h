// All images of an OCI image layout, without their layers.
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

struct listed_image {
	char *digest;      // of its manifest
	struct strv names; // references by which `hostel run` finds it
	uint64_t size;     // bytes of its blobs
	int layers;
	int64_t created;   // wall-clock ns, 0: unknown
	char *platform;    // NULL: unknown
	char *trouble;     // why it cannot be read; NULL: it can
};

struct listed_images {
	struct listed_image *items;
	size_t count;
	bool stored;
};
void listed_images_done(struct listed_images *images);
// Lists the layout PATH; images of the STORED one, the store's own, need no path in their references. What cannot be
// read is left out, except images of the STORED one. Returns 0, or negative errno if the index cannot be read.
int image_list_layout(struct listed_images *images, const char *path, bool stored, struct err *e);
