// OCI image layouts (image-spec image-layout.md, manifest.md, config.md): from a directory on disk to unpacked layers in the store.
// Every blob is read once, and checked against its digest before what it holds is used.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "base/mem.h"
#include "blob.h"
#include "container/image.h"
#include "digest.h"
#include "stack.h"
#include "sys/fs.h"
#include "sys/userns.h"

// LAYERS_MAX: what the kernel stacks in an overlay (OVL_MAX_STACK).
// CHAIN: digits of a sum of the layers below.
enum { DOCUMENT_MAX = 4 << 20, LAYERS_MAX = 500, INDEX_DEPTH = 4, CHAIN = 16 };

#if defined(__x86_64__)
#define OCI_ARCHITECTURE "amd64"
#elif defined(__aarch64__)
#define OCI_ARCHITECTURE "arm64"
#elif defined(__riscv)
#define OCI_ARCHITECTURE "riscv64"
#elif defined(__powerpc64__)
#define OCI_ARCHITECTURE "ppc64le"
#elif defined(__s390x__)
#define OCI_ARCHITECTURE "s390x"
#else
#define OCI_ARCHITECTURE "unknown"
#endif

struct layout {
	const char *path;
	int fd;
	const struct store *store;
	const struct job *job;
};

static inline void auto_json_run(json_t **j)
{
	json_decref(*j);
}
#define auto_json AUTO(json) json_t *

static int parse(const struct layout *l, const char *what, const char *text, size_t length, json_t **object, struct err *e)
{
	json_error_t error;

	*object = json_loadb(text, length, JSON_REJECT_DUPLICATES, &error);
	if (!*object)
		return err_msg(e, EINVAL, "image 'oci:%s': %s: line %d: %s", l->path, what, error.line, error.text);
	return 0;
}

static const char *text_at(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

// The size that a descriptor names; an error when that is no number of bytes.
static int size_of(const json_t *descriptor, int64_t *size, struct err *e)
{
	const json_t *value = json_object_get(descriptor, "size");

	*size = value ? json_integer_value(value) : BLOB_SIZE_UNKNOWN;
	if (value && (!json_is_integer(value) || *size < 0))
		return err_msg(e, EINVAL, "the size of '%.80s' is not a number of bytes", text_at(descriptor, "digest") ? text_at(descriptor, "digest") : "");
	return 0;
}

// What DESCRIPTOR leads to, read once: what is parsed is what was checked.
static int read_blob(const struct layout *l, const char *what, const json_t *descriptor, json_t **object, struct err *e)
{
	int64_t size;
	size_t length;
	int r = size_of(descriptor, &size, e);
	auto_free char *text = r < 0 ? NULL : blob_load(l->fd, text_at(descriptor, "digest"), size, DOCUMENT_MAX, &length, e);

	return text ? parse(l, what, text, length, object, e) : err_wrap(e, "image 'oci:%s'", l->path);
}

static int read_index(const struct layout *l, json_t **index, struct err *e)
{
	auto_close int fd = fs_open_regular(l->fd, "index.json", e);
	auto_free char *text = NULL;
	ssize_t n = fd < 0 ? fd : fs_read_open(fd, "index.json", DOCUMENT_MAX, &text, e);

	if (n == -ENOENT)
		return err_msg(e, ENOENT, "image 'oci:%s': no 'index.json' (is this an OCI image layout?)", l->path);
	return n < 0 ? err_wrap(e, "image 'oci:%s'", l->path) : parse(l, "index.json", text, (size_t)n, index, e);
}

static const char *tag_of(const json_t *descriptor)
{
	return text_at(json_object_get(descriptor, "annotations"), "org.opencontainers.image.ref.name");
}

static bool is_index(const json_t *descriptor)
{
	const char *type = text_at(descriptor, "mediaType");

	return type && (strstr(type, "image.index") || strstr(type, "manifest.list"));
}

// With TAG the one of that name; without, the only one, or "latest".
static const json_t *choose_by_tag(const json_t *manifests, const char *tag)
{
	size_t i;
	json_t *descriptor;

	if (!tag && json_array_size(manifests) == 1)
		return json_array_get(manifests, 0);
	json_array_foreach(manifests, i, descriptor)
	{
		const char *name = tag_of(descriptor);
		const char *colon = name ? strrchr(name, ':') : NULL;
		if (name && (str_equal(name, tag ? tag : "latest") || (colon && str_equal(colon + 1, tag ? tag : "latest"))))
			return descriptor;
	}
	return NULL;
}

static const json_t *choose_by_platform(const json_t *manifests)
{
	size_t i;
	json_t *descriptor;

	json_array_foreach(manifests, i, descriptor)
	{
		const json_t *platform = json_object_get(descriptor, "platform");
		if (str_equal(text_at(platform, "os"), "linux") && str_equal(text_at(platform, "architecture"), OCI_ARCHITECTURE))
			return descriptor;
	}
	descriptor = json_array_get(manifests, 0); // the only one, when it does not say what it is for
	return json_array_size(manifests) == 1 && !json_object_get(descriptor, "platform") ? descriptor : NULL;
}

static void add_tags(struct str *text, const json_t *manifests)
{
	size_t i;
	json_t *descriptor;

	json_array_foreach(manifests, i, descriptor)
		if (tag_of(descriptor))
			str_addf(text, "%s%s", text->length ? ", " : "", tag_of(descriptor));
}

static int find_manifest(const struct layout *l, const char *tag, json_t **manifest, char **digest, struct err *e)
{
	auto_json index = NULL;
	int r = read_index(l, &index, e);
	const json_t *chosen = r == 0 ? choose_by_tag(json_object_get(index, "manifests"), tag) : NULL;
	if (r == 0 && !chosen) {
		auto_str tags = {0};
		add_tags(&tags, json_object_get(index, "manifests"));
		return err_msg(e, ENOENT, "image 'oci:%s' has no tag '%s' (it has: %s)", l->path, tag ? tag : "latest", tags.length ? tags.text : "none");
	}
	for (int depth = 0; r == 0 && is_index(chosen) && depth < INDEX_DEPTH; depth++) {
		json_t *below = NULL;
		r = read_blob(l, "the index", chosen, &below, e);
		chosen = r == 0 ? choose_by_platform(json_object_get(below, "manifests")) : NULL;
		json_decref(index);
		index = below; // CHOSEN lives in it
		if (r == 0 && !chosen)
			return err_msg(e, ENOENT, "image 'oci:%s' is not made for linux/" OCI_ARCHITECTURE, l->path);
	}
	if (r < 0)
		return r;
	*digest = mem_strdup(text_at(chosen, "digest"));
	return read_blob(l, "the manifest", chosen, manifest, e);
}

static ssize_t read_layer(void *blob, void *bytes, size_t room, struct err *e)
{
	return blob_read(blob, bytes, room, e);
}

// The content is summed as it is unpacked, so a damaged archive may be what is left of a damaged blob: then that is said.
static int unpack_blob(const struct layout *l, struct blob *b, int into, struct layer_below *below, const char *diff_id, struct err *e)
{
	const struct layer_source source = {read_layer, b};
	struct err checked = {0};
	int r = layer_unpack(&source, into, below, diff_id, l->job, e);

	if (r < 0 && r != -EBADMSG)
		return r;
	if (blob_check(b, &checked) == 0)
		return r;
	*e = checked;
	return -checked.code;
}

struct layer {
	const json_t *descriptor;
	const char *diff_id; // NULL: the configuration does not say
};

static int unpack_layer(const struct layout *l, const struct layer *layer, int into, struct layer_below *below, struct err *e)
{
	auto_blob b = {.fd = -1};
	int64_t size;
	int r = size_of(layer->descriptor, &size, e);

	if (r == 0)
		r = blob_open(&b, l->fd, text_at(layer->descriptor, "digest"), size, e);
	return r < 0 ? r : unpack_blob(l, &b, into, below, layer->diff_id, e);
}

// Root of a user namespace keeps layers of its own: their marks differ from those of the host's root, their owners from one map of ids to another.
static char *layer_name(const char *hex, const char *chain)
{
	const char *dash = *chain ? "-" : "";

	return geteuid() != 0 || userns_is_initial() ? mem_printf("%s%s%s", hex, dash, chain) : mem_printf("%s%s%s.%08x", hex, dash, chain, userns_fingerprint());
}

// What tells a layer on these from the same one on others.
static char *chain_of(const struct strv *roots)
{
	char hex[DIGEST_HEX + 1];
	struct digest *sum = digest_begin(NULL);

	for (size_t i = 0; sum && i < roots->count; i++)
		digest_add(sum, strrchr(roots->items[i], '/'), strlen(strrchr(roots->items[i], '/')));
	digest_end(sum, hex);
	return sum ? mem_strndup(hex, CHAIN) : mem_strdup("");
}

// The names under which a layer may be in the store: of itself, or made for the layers below it.
struct layer_names {
	char *own, *chained;
};

// It gets its name last, so a layer in the store is whole and was checked.
static int make_layer(const struct layout *l, const struct layer *layer, const struct layer_names *names, struct layer_below *below, const char **name, struct err *e)
{
	auto_free char *entry = NULL;
	auto_close int into = store_layer_make(l->store, &entry, e);
	int r = into < 0 ? into : unpack_layer(l, layer, into, below, e);

	*name = below->asked ? names->chained : names->own;
	if (r < 0 && into >= 0)
		store_layer_discard(l->store, entry);
	return r < 0 ? r : store_layer_publish(l->store, entry, *name, e);
}

static int need_layer(const struct layout *l, const struct layer *layer, struct layer_below *below, char **directory, struct err *e)
{
	const char *digest = text_at(layer->descriptor, "digest"), *hex = digest_hex(digest), *name;
	auto_free char *chain = chain_of(&below->roots), *own = layer_name(hex ? hex : "", ""), *chained = layer_name(hex ? hex : "", chain);
	const struct layer_names names = {own, chained};
	int r = 0;

	if (!hex)
		return err_msg(e, EINVAL, "image 'oci:%s': '%s' is not a sha256 digest", l->path, digest ? digest : "");
	name = store_has_layer(l->store, own) ? own : store_has_layer(l->store, chained) ? chained : NULL;
	if (!name)
		r = make_layer(l, layer, &names, below, &name, e);
	if (r < 0)
		return err_wrap(e, "image 'oci:%s': layer %.20s", l->path, digest);
	*directory = mem_printf("%s/layers/%s", l->store->path, name);
	return 0;
}

static bool replaces_all(const char *directory)
{
	auto_close int fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);

	return fd >= 0 && stack_is_opaque(fd); // overlayfs does not look for this mark at the root
}

// Puts DIRECTORY on top. Overlay refuses a layer that is stacked twice: what it does further down is hidden by itself, it changes nothing there.
static void add_layer(struct strv *lowers, char *directory)
{
	auto_strv before = *lowers;
	size_t kept = replaces_all(directory) ? 0 : before.count;

	*lowers = (struct strv){0};
	strv_take(lowers, directory);
	for (size_t i = 0; i < kept; i++)
		if (!str_equal(before.items[i], directory))
			strv_add(lowers, before.items[i]);
}

static int need_layers(const struct layout *l, const json_t *manifest, const json_t *config, struct image *image, struct err *e)
{
	const json_t *layers = json_object_get(manifest, "layers"), *diff_ids = json_object_get(json_object_get(config, "rootfs"), "diff_ids");
	size_t count = json_array_size(layers), known = json_array_size(diff_ids);

	if (count == 0 || count > LAYERS_MAX)
		return err_msg(e, EINVAL, "image 'oci:%s' has %zu layers; overlay supports 1 to %d", l->path, count, LAYERS_MAX);
	if (known && known != count)
		return err_msg(e, EINVAL, "image 'oci:%s': its manifest has %zu layers, its configuration %zu (rootfs.diff_ids)", l->path, count, known);
	for (size_t i = 0; i < count; i++) {
		const struct layer layer = {json_array_get(layers, i), json_string_value(json_array_get(diff_ids, i))};
		struct layer_below below = {.roots = image->lowers};
		char *directory = NULL;
		job_report(l->job, (double)i / (double)count, "unpacking layers");
		int r = job_is_cancelled(l->job) ? err_msg(e, ECANCELED, "cancelled") : need_layer(l, &layer, &below, &directory, e);
		if (r < 0)
			return r;
		add_layer(&image->lowers, directory);
	}
	return 0;
}

static void take_list(struct strv *v, const json_t *list)
{
	size_t i;
	json_t *item;

	json_array_foreach(list, i, item)
		if (json_is_string(item))
			strv_add(v, json_string_value(item));
}

static void take_config(struct image *image, const json_t *config)
{
	const json_t *run = json_object_get(config, "config");

	take_list(&image->env, json_object_get(run, "Env"));
	take_list(&image->entrypoint, json_object_get(run, "Entrypoint"));
	take_list(&image->cmd, json_object_get(run, "Cmd"));
	image->user = mem_strdup(text_at(run, "User"));
	image->workdir = mem_strdup(text_at(run, "WorkingDir"));
}

int image_open_layout(struct image *image, const struct store *store, const char *path, const char *tag, const struct job *job, struct err *e)
{
	auto_close int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct layout l = {path, fd, store, job};
	auto_json manifest = NULL;
	auto_json config = NULL;

	if (fd < 0)
		return err_set(e, errno, "image 'oci:%s'", path);
	int r = find_manifest(&l, tag, &manifest, &image->digest, e);
	if (r == 0)
		r = read_blob(&l, "the image's configuration", json_object_get(manifest, "config"), &config, e);
	if (r == 0)
		r = need_layers(&l, manifest, config, image, e);
	if (r == 0)
		take_config(image, config);
	return r;
}
