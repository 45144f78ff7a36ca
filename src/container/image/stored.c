// The images of the store: see stored.h.
#include "stored.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "blob.h"
#include "digest.h"
#include "layout.h"
#include "sys/fs.h"

static const char name_key[] = "org.opencontainers.image.ref.name", lock_name[] = ".index.lock",
                  marker[] = "{\"imageLayoutVersion\": \"1.0.0\"}\n";

char *stored_path(const struct store *s)
{
	return mem_printf("%s/images", s->path);
}

static const char *name_of(const json_t *descriptor)
{
	return layout_text(json_object_get(descriptor, "annotations"), name_key);
}

// A store without images has no index yet.
static int read_index(const struct store *s, json_t **index, struct err *e)
{
	auto_free char *path = stored_path(s);
	size_t left = LAYOUT_READ_MAX;
	const struct layout l = {.path = path, .fd = s->images, .left = &left};
	int r = layout_read_index(&l, index, e);

	if (r == -ENOENT)
		*index = json_pack("{s:i, s:s, s:[]}", "schemaVersion", 2, "mediaType",
		                   "application/vnd.oci.image.index.v1+json", "manifests");
	return r == -ENOENT ? 0 : r;
}

char *stored_find(const struct store *s, const char *name)
{
	auto_json index = NULL;
	struct err ignored;
	size_t i;
	json_t *descriptor;

	if (read_index(s, &index, &ignored) < 0)
		return NULL;
	json_array_foreach (json_object_get(index, "manifests"), i, descriptor)
		if (str_equal(name_of(descriptor), name))
			return mem_strdup(layout_text(descriptor, "digest"));
	return NULL;
}

static bool is_of(const json_t *descriptor, const char *digest)
{
	return str_equal(layout_text(descriptor, "digest"), digest);
}

static size_t count_of(const json_t *manifests, const char *digest)
{
	size_t i, count = 0;
	json_t *descriptor;

	json_array_foreach (manifests, i, descriptor)
		count += is_of(descriptor, digest);
	return count;
}

// Takes NAME away from the images that have it. One without a name remains, for containers that use it, unless the
// index has the same image once more.
static void free_name(json_t *manifests, const char *name)
{
	for (size_t i = json_array_size(manifests); i-- > 0;) {
		json_t *descriptor = json_array_get(manifests, i);

		if (!str_equal(name_of(descriptor), name))
			continue;
		if (count_of(manifests, layout_text(descriptor, "digest")) > 1)
			json_array_remove(manifests, i);
		else
			json_object_del(json_object_get(descriptor, "annotations"), name_key);
	}
}

// The same image without a name is now the one with NAME.
static void add_descriptor(json_t *manifests, const json_t *descriptor, const char *name)
{
	json_t *added = json_deep_copy(descriptor), *annotations = json_object_get(added, "annotations");

	for (size_t i = json_array_size(manifests); i-- > 0;) {
		const json_t *other = json_array_get(manifests, i);
		if (!name_of(other) && is_of(other, layout_text(descriptor, "digest")))
			json_array_remove(manifests, i);
	}
	if (!annotations)
		json_object_set_new(added, "annotations", annotations = json_object());
	json_object_set_new(annotations, name_key, json_string(name));
	json_array_append_new(manifests, added);
}

static int write_index(const struct store *s, const json_t *index, struct err *e)
{
	auto_free char *text = json_dumps(index, JSON_INDENT(1));
	int r = text ? fs_replace_file(s->images, "oci-layout", 0644, marker, strlen(marker), e)
	             : err_set(e, ENOMEM, "cannot write index.json");

	return r < 0 ? r : fs_replace_file(s->images, "index.json", 0644, text, strlen(text), e);
}

int stored_add(const struct store *s, const json_t *descriptor, const char *name, struct err *e)
{
	auto_close int lock = store_lock(s->images, lock_name, true);
	auto_json index = NULL;
	int r = lock < 0 ? err_set(e, -lock, "cannot lock the images of the store '%s'", s->path)
	                 : read_index(s, &index, e);

	if (r < 0)
		return r;
	json_t *manifests = json_object_get(index, "manifests");
	if (!json_is_array(manifests))
		return err_msg(e, EUCLEAN, "'%s/images/index.json' is damaged: it has no list of manifests", s->path);
	free_name(manifests, name);
	add_descriptor(manifests, descriptor, name);
	r = write_index(s, index, e);
	store_touch(s->containers);
	return r;
}

// --- damage ---

static size_t drop_damaged_blob(const struct store *s, const char *digest)
{
	const char *hex = digest_hex(digest);
	auto_free char *path = mem_printf("blobs/sha256/%s", hex ? hex : "");
	auto_blob b = {.fd = -1};
	struct err e = {0};

	if (!hex || (blob_open(&b, s->images, digest, BLOB_SIZE_UNKNOWN, &e) == 0 && blob_check(&b, &e) == 0))
		return 0;
	return e.code == EBADMSG && unlinkat(s->images, path, 0) == 0;
}

size_t stored_drop_damaged(const struct store *s, const char *digest)
{
	auto_free char *path = stored_path(s);
	size_t left = LAYOUT_READ_MAX, i, dropped = drop_damaged_blob(s, digest);
	const struct layout l = {.path = path, .fd = s->images, .left = &left};
	auto_json descriptor = json_pack("{s:s}", "digest", digest);
	auto_json manifest = NULL;
	struct err ignored;
	json_t *layer;

	if (layout_read(&l, "the manifest", descriptor, &manifest, &ignored) < 0)
		return dropped;
	dropped += drop_damaged_blob(s, layout_text(json_object_get(manifest, "config"), "digest"));
	json_array_foreach (json_object_get(manifest, "layers"), i, layer)
		dropped += drop_damaged_blob(s, layout_text(layer, "digest"));
	return dropped;
}
