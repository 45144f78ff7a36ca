// Listing an OCI image layout: see list.h.
#include "list.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/mem.h"
#include "layout.h"
#include "platform.h"

// LISTED_READ_MAX: bytes of documents; the list waits for them
enum { LISTED_MOST = 1000, LISTED_DEPTH = 4, LISTED_READ_MAX = 16 << 20 };

void listed_images_done(struct listed_images *images)
{
	for (size_t i = 0; i < images->count; i++) {
		free(images->items[i].digest);
		strv_done(&images->items[i].names);
		free(images->items[i].platform);
		free(images->items[i].trouble);
	}
	free(images->items);
	*images = (struct listed_images){0};
}

// The same image may be there under several names.
static struct listed_image *image_of(struct listed_images *images, const char *digest)
{
	for (size_t i = 0; i < images->count; i++)
		if (strcmp(images->items[i].digest, digest) == 0)
			return &images->items[i];
	images->items = mem_resize(images->items, images->count + 1, sizeof(*images->items));
	images->items[images->count] = (struct listed_image){.digest = mem_strdup(digest)};
	return &images->items[images->count++];
}

static char *reference_of(const struct listed_image *image, const struct layout *l, const char *name, bool stored)
{
	if (stored)
		return mem_strdup(name ? name : image->digest);
	return name ? mem_printf("oci:%s:%s", l->path, name) : mem_printf("oci:%s:@%s", l->path, image->digest);
}

static void add_name(struct listed_image *image, const struct layout *l, const char *name, bool stored)
{
	auto_free char *reference = reference_of(image, l, name, stored);

	for (size_t i = 0; i < image->names.count; i++)
		if (strcmp(image->names.items[i], reference) == 0)
			return;
	strv_add(&image->names, reference);
}

static uint64_t size_of(const json_t *descriptor)
{
	struct err ignored;
	int64_t size;

	return layout_size(descriptor, &size, &ignored) == 0 && size > 0 ? (uint64_t)size : 0;
}

static void measure(struct listed_image *image, const json_t *descriptor, const json_t *manifest)
{
	const json_t *layers = json_object_get(manifest, "layers");
	size_t i;
	json_t *layer;

	image->layers = (int)json_array_size(layers);
	image->size = size_of(descriptor) + size_of(json_object_get(manifest, "config"));
	json_array_foreach (layers, i, layer)
		image->size += size_of(layer);
}

static char *platform_of(const json_t *from)
{
	return layout_text(from, "os") ? platform_name(layout_text(from, "os"), layout_text(from, "architecture"),
	                                               layout_text(from, "variant"))
	                               : NULL;
}

// Sets when it was made, and the platform that the descriptor names, else that of the configuration.
static void read_config(struct listed_image *image, const struct layout *l, const json_t *descriptor,
                        const json_t *manifest)
{
	auto_json config = NULL;
	struct err ignored;

	layout_read(l, "the configuration", json_object_get(manifest, "config"), &config, &ignored);
	const char *created = layout_text(config, "created");
	image->platform = platform_of(json_object_get(descriptor, "platform"));
	image->platform = image->platform ? image->platform : platform_of(config);
	if (!created || date_parse_utc(created, &image->created) < 0 || image->created < 0)
		image->created = 0;
}

static bool is_image(const json_t *manifest)
{
	const char *config = layout_text(json_object_get(manifest, "config"), "mediaType");

	return json_is_array(json_object_get(manifest, "layers")) &&
	       json_array_size(json_object_get(manifest, "layers")) > 0 && (!config || strstr(config, "image") != NULL);
}

static const char *name_in(const json_t *descriptor)
{
	const json_t *annotations = json_object_get(descriptor, "annotations");
	const char *full = layout_text(annotations, "io.containerd.image.name");

	return full ? full : layout_text(annotations, "org.opencontainers.image.ref.name");
}

// An attestation lies beside images as "unknown/unknown".
static bool is_attestation(const json_t *descriptor)
{
	return str_equal(layout_text(json_object_get(descriptor, "platform"), "os"), "unknown");
}

// An image that cannot be read, so that it can be removed.
static void list_damaged(struct listed_images *images, const struct layout *l, const char *digest, const char *name,
                         const struct err *e)
{
	struct listed_image *image = image_of(images, digest);

	if (!image->trouble)
		image->trouble = mem_strdup(e->text);
	add_name(image, l, name, true);
}

static void list_descriptor(struct listed_images *images, const struct layout *l, const json_t *descriptor,
                            const char *outer, int depth)
{
	const char *digest = layout_text(descriptor, "digest"), *name = name_in(descriptor) ? name_in(descriptor) : outer;
	auto_json object = NULL;
	struct err e = {0};
	size_t i;
	json_t *below;

	if (!digest || is_attestation(descriptor) || images->count >= LISTED_MOST)
		return;
	if (layout_read(l, "the manifest", descriptor, &object, &e) < 0) {
		if (images->stored && depth == 0)
			list_damaged(images, l, digest, name, &e);
		return;
	}
	json_array_foreach (json_object_get(object, "manifests"), i, below) {
		if (depth < LISTED_DEPTH)
			list_descriptor(images, l, below, name, depth + 1);
	}
	if (!is_image(object))
		return;
	struct listed_image *image = image_of(images, digest);
	if (!image->names.count) {
		measure(image, descriptor, object);
		read_config(image, l, descriptor, object);
	}
	add_name(image, l, name, images->stored);
}

int image_list_layout(struct listed_images *images, const char *path, bool stored, struct err *e)
{
	auto_close int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	size_t left = LISTED_READ_MAX, i;
	const struct layout l = {.path = path, .fd = fd, .left = &left};
	auto_json index = NULL;
	json_t *descriptor;

	if (fd < 0)
		return err_set(e, errno, "cannot open '%s'", path);
	images->stored = stored;
	int r = layout_read_index(&l, &index, e);
	json_array_foreach (json_object_get(index, "manifests"), i, descriptor)
		list_descriptor(images, &l, descriptor, NULL, 0);
	return r;
}
