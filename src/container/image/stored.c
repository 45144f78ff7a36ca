// The images of the store: see stored.h.
#include "stored.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "blob.h"
#include "digest.h"
#include "layout.h"
#include "sys/fs.h"

static const char name_key[] = "org.opencontainers.image.ref.name", lock_name[] = ".index.lock",
                  marker[] = "{\"imageLayoutVersion\": \"1.0.0\"}\n";

int stored_hold(const struct store *s, struct err *e)
{
	int lock = store_lock_shared(s->images, STORED_BLOBS_LOCK);

	return lock < 0 ? err_set(e, -lock, "cannot lock the images of the store '%s'", s->path) : lock;
}

char *stored_path(const struct store *s)
{
	return mem_printf("%s/images", s->path);
}

const char *stored_name(const json_t *descriptor)
{
	return layout_text(json_object_get(descriptor, "annotations"), name_key);
}

int stored_read(const struct store *s, json_t **index, struct err *e)
{
	auto_free char *path = stored_path(s);
	size_t left = LAYOUT_READ_MAX;
	const struct layout l = {.path = path, .fd = s->images, .left = &left};
	int r = layout_read_index(&l, index, e);

	if (r == -ENOENT)
		*index = json_pack("{s:i, s:s, s:[]}", "schemaVersion", 2, "mediaType",
		                   "application/vnd.oci.image.index.v1+json", "manifests");
	if ((r == 0 || r == -ENOENT) && !json_is_array(json_object_get(*index, "manifests")))
		return err_msg(e, EUCLEAN, "'%s/images/index.json' is damaged: it has no list of manifests", s->path);
	return r == -ENOENT ? 0 : r;
}

char *stored_find(const struct store *s, const char *name)
{
	auto_json index = NULL;
	struct err ignored;
	size_t i;
	json_t *descriptor;

	if (stored_read(s, &index, &ignored) < 0)
		return NULL;
	json_array_foreach (json_object_get(index, "manifests"), i, descriptor)
		if (str_equal(stored_name(descriptor), name))
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

		if (!str_equal(stored_name(descriptor), name))
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
		if (!stored_name(other) && is_of(other, layout_text(descriptor, "digest")))
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

// Changes the index, while no other process does. CHANGE returns 0 or negative errno.
static int change_index(const struct store *s, int (*change)(json_t *manifests, const void *context, struct err *e),
                        const void *context, struct err *e)
{
	auto_close int lock = store_lock(s->images, lock_name, true);
	auto_json index = NULL;
	int r = lock < 0 ? err_set(e, -lock, "cannot lock the images of the store '%s'", s->path)
	                 : stored_read(s, &index, e);

	if (r == 0)
		r = change(json_object_get(index, "manifests"), context, e);
	if (r == 0)
		r = write_index(s, index, e);
	store_touch(s->containers);
	return r;
}

struct edit {
	const json_t *descriptor;
	const char *digest, *name;
};

static int add_named(json_t *manifests, const void *context, struct err *e)
{
	const struct edit *n = context;

	(void)e;
	if (n->name) {
		free_name(manifests, n->name);
		add_descriptor(manifests, n->descriptor, n->name);
	} else if (!count_of(manifests, layout_text(n->descriptor, "digest"))) {
		json_t *added = json_deep_copy(n->descriptor);
		json_object_del(json_object_get(added, "annotations"), name_key);
		json_array_append_new(manifests, added);
	}
	return 0;
}

int stored_add(const struct store *s, const json_t *descriptor, const char *name, struct err *e)
{
	return change_index(s, add_named, &(struct edit){.descriptor = descriptor, .name = name}, e);
}

static int add_each(json_t *manifests, const void *context, struct err *e)
{
	size_t i;
	json_t *one;

	json_array_foreach ((json_t *)(uintptr_t)context, i, one)
		add_named(manifests, &(struct edit){.descriptor = json_object_get(one, "descriptor"),
		                                    .name = layout_text(one, "name")}, e);
	return 0;
}

int stored_add_all(const struct store *s, const json_t *images, struct err *e)
{
	return change_index(s, add_each, images, e);
}

// The first descriptor of the image DIGEST, NULL: none.
static json_t *descriptor_of(const json_t *manifests, const char *digest)
{
	size_t i;
	json_t *descriptor;

	json_array_foreach (manifests, i, descriptor)
		if (is_of(descriptor, digest))
			return descriptor;
	return NULL;
}

static int tag(json_t *manifests, const void *context, struct err *e)
{
	const struct edit *n = context;
	auto_json descriptor = json_deep_copy(descriptor_of(manifests, n->digest));

	if (!descriptor)
		return err_msg(e, ENOENT, "image '%s' is not in the store", n->digest);
	return add_named(manifests, &(struct edit){.descriptor = descriptor, .name = n->name}, e);
}

int stored_tag(const struct store *s, const char *digest, const char *name, struct err *e)
{
	return change_index(s, tag, &(struct edit){.digest = digest, .name = name}, e);
}

static int untag(json_t *manifests, const void *context, struct err *e)
{
	const struct edit *n = context;

	for (size_t i = json_array_size(manifests); i-- > 0;) {
		const json_t *descriptor = json_array_get(manifests, i);
		if (!str_equal(stored_name(descriptor), n->name))
			continue;
		if (count_of(manifests, layout_text(descriptor, "digest")) == 1)
			return err_msg(e, EBUSY, "'%s' is the last name of its image", n->name);
		json_array_remove(manifests, i);
		return 0;
	}
	return err_msg(e, ENOENT, "image '%s' is not in the store", n->name);
}

int stored_untag(const struct store *s, const char *name, struct err *e)
{
	return change_index(s, untag, &(struct edit){.name = name}, e);
}

static int remove_all(json_t *manifests, const void *context, struct err *e)
{
	const struct edit *n = context;

	(void)e;
	for (size_t i = json_array_size(manifests); i-- > 0;)
		if (is_of(json_array_get(manifests, i), n->digest))
			json_array_remove(manifests, i);
	return 0;
}

int stored_remove(const struct store *s, const char *digest, struct err *e)
{
	return change_index(s, remove_all, &(struct edit){.digest = digest}, e);
}

static int drop(json_t *manifests, const void *context, struct err *e)
{
	size_t i;
	json_t *gone;

	(void)e;
	json_array_foreach ((const json_t *)context, i, gone)
		for (size_t at = json_array_size(manifests); at-- > 0;)
			if (json_equal(json_array_get(manifests, at), gone))
				json_array_remove(manifests, at);
	return 0;
}

int stored_drop(const struct store *s, const json_t *gone, struct err *e)
{
	return json_array_size(gone) ? change_index(s, drop, gone, e) : 0;
}

// --- what belongs to an image ---

enum { NESTED_MOST = 4 }; // indexes in indexes

static void mark_digest(json_t *digests, const json_t *descriptor)
{
	const char *digest = layout_text(descriptor, "digest");

	if (digest)
		json_object_set_new(digests, digest, json_true());
}

// What is missing has no parts: a store need not have all platforms of an index.
static int mark_below(const struct layout *l, const json_t *descriptor, json_t *digests, int depth, struct err *e)
{
	auto_json document = NULL;
	struct err problem = {0};
	size_t i;
	json_t *below;
	int r = layout_read(l, "the manifest", descriptor, &document, &problem);

	mark_digest(digests, descriptor);
	if (r < 0 && r != -ENOENT)
		*e = problem;
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	mark_digest(digests, json_object_get(document, "config"));
	json_array_foreach (json_object_get(document, "layers"), i, below)
		mark_digest(digests, below);
	json_array_foreach (json_object_get(document, "manifests"), i, below)
		if (r == 0)
			r = depth < NESTED_MOST ? mark_below(l, below, digests, depth + 1, e)
			                        : err_msg(e, ELOOP, "indexes are nested more than %d deep", NESTED_MOST);
	return r;
}

int stored_mark(const struct store *s, const json_t *descriptor, json_t *digests, struct err *e)
{
	auto_free char *path = stored_path(s);
	size_t left = LAYOUT_READ_MAX;
	const struct layout l = {.path = path, .fd = s->images, .left = &left};

	return mark_below(&l, descriptor, digests, 0, e);
}

static int check_part(const struct store *s, const json_t *descriptor, struct err *e)
{
	const char *digest = layout_text(descriptor, "digest");
	auto_blob b = {.fd = -1};
	int64_t size;
	int r = layout_size(descriptor, &size, e);

	return r < 0 ? r : blob_open(&b, s->images, digest, size, e);
}

static bool is_there(const struct store *s, const json_t *descriptor)
{
	const char *hex = digest_hex(layout_text(descriptor, "digest"));
	auto_free char *path = mem_printf("blobs/sha256/%s", hex ? hex : "");

	return hex && faccessat(s->images, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static int check_below(const struct store *s, const struct layout *l, const json_t *descriptor, int depth,
                       struct err *e)
{
	auto_json document = NULL;
	size_t i;
	json_t *part;
	int r = layout_read(l, "the manifest", descriptor, &document, e);

	if (r == 0 && json_object_get(document, "config"))
		r = check_part(s, json_object_get(document, "config"), e);
	json_array_foreach (json_object_get(document, "layers"), i, part)
		if (r == 0)
			r = check_part(s, part, e);
	json_array_foreach (json_object_get(document, "manifests"), i, part)
		if (r == 0 && depth < NESTED_MOST && is_there(s, part))
			r = check_below(s, l, part, depth + 1, e);
	return r;
}

int stored_check(const struct store *s, const json_t *descriptor, struct err *e)
{
	auto_free char *path = stored_path(s);
	size_t left = LAYOUT_READ_MAX;
	const struct layout l = {.path = path, .fd = s->images, .left = &left};

	return check_below(s, &l, descriptor, 0, e);
}

// Whether the image of DESCRIPTOR is, or has, the manifest DIGEST.
static bool leads_to(const struct store *s, const json_t *descriptor, const char *digest)
{
	auto_json digests = json_object();
	struct err ignored;

	if (is_of(descriptor, digest))
		return true;
	stored_mark(s, descriptor, digests, &ignored);
	return json_object_get(digests, digest);
}

int stored_lookup(const struct store *s, const char *digest, char **whole, struct strv *names, struct err *e)
{
	auto_json index = NULL;
	size_t i;
	json_t *descriptor;
	int r = stored_read(s, &index, e);

	*whole = NULL;
	json_array_foreach (json_object_get(index, "manifests"), i, descriptor)
		if (!*whole && r == 0 && leads_to(s, descriptor, digest))
			*whole = mem_strdup(layout_text(descriptor, "digest"));
	json_array_foreach (json_object_get(index, "manifests"), i, descriptor)
		if (*whole && is_of(descriptor, *whole) && stored_name(descriptor))
			strv_add(names, stored_name(descriptor));
	if (r == 0 && !*whole)
		r = err_msg(e, ENOENT, "image '%s' is not in the store", digest);
	return r;
}

json_t *stored_descriptor(const struct store *s, const char *name, struct err *e)
{
	auto_json index = NULL;
	auto_free char *whole = NULL;
	auto_strv names = {0};
	size_t i;
	json_t *descriptor;

	if (stored_read(s, &index, e) < 0)
		return NULL;
	json_array_foreach (json_object_get(index, "manifests"), i, descriptor)
		if (str_equal(stored_name(descriptor), name))
			return json_incref(descriptor);
	if (stored_lookup(s, name, &whole, &names, e) < 0)
		return NULL;
	return json_incref(descriptor_of(json_object_get(index, "manifests"), whole));
}

uint64_t stored_blob_size(const struct store *s, const char *digest)
{
	const char *hex = digest_hex(digest);
	auto_free char *path = mem_printf("blobs/sha256/%s", hex ? hex : "");
	struct stat st;

	return hex && fstatat(s->images, path, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode) ? (uint64_t)st.st_size
	                                                                                           : 0;
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
