// The images in use by containers, and the other images in the same layouts.
#pragma once

#include "container/state/containers.h"
#include "container/store/record.h"
#include "model/inventory.h"

// An image in use.
struct image_use {
	char *reference, *digest;
	int layers;
	struct strv users; // names of containers
};
struct image_uses {
	struct image_use *items;
	size_t count;
};
void image_uses_done(struct image_uses *uses);
// Records that the container of R uses its image, if the image has a digest.
void image_uses_add(struct image_uses *uses, const struct record *r);
// Upserts all images. A layout is read again only if its index has changed.
void images_list(struct containers *c, const struct image_uses *uses, struct inventory *inv);
void images_done(struct containers *c);
