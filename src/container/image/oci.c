// OCI image layouts (image-spec image-layout.md, manifest.md, config.md): from a directory on disk to unpacked layers
// in the store. Every blob is read once, and verified against its digest before its content is used.
#include "oci.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/mem.h"
#include "blob.h"
#include "choose.h"
#include "container/store/as_root.h"
#include "container/store/image.h"
#include "container/store/stack.h"
#include "container/store/store.h"
#include "container/store/subids.h"
#include "digest.h"
#include "foreign.h"
#include "layer.h"
#include "layout.h"
#include "model/param.h"
#include "sys/fs.h"
#include "sys/userns.h"
#include "tar.h"

// LAYERS_MAX: the kernel's limit for an overlay (OVL_MAX_STACK). CHAIN: digits of the digest of the layers below.
enum { LAYERS_MAX = 500, CHAIN = 32 };

struct reading {
	const struct layout *l;
	struct blob *blob;
};

static ssize_t read_layer(void *context, void *bytes, size_t room, struct err *e)
{
	const struct reading *reading = context;
	ssize_t n = blob_read(reading->blob, bytes, room, e);

	if (n > 0) {
		*reading->l->done += (uint64_t)n;
		job_report_bytes(reading->l->job, *reading->l->done, reading->l->total, "unpacking layers");
	}
	return n;
}

// The digest is computed during unpacking, so a damaged archive may result from a damaged blob: then report the blob.
static int unpack_blob(const struct layout *l, struct blob *b, int into, struct layer_below *below,
                       const char *diff_id, struct err *e)
{
	struct reading reading = {l, b};
	const struct layer_source source = {read_layer, &reading};
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
	const char *diff_id; // NULL = not in the configuration
};

static int unpack_layer(const struct layout *l, const struct layer *layer, int into, struct layer_below *below,
                        struct err *e)
{
	auto_blob b = {.fd = -1};
	int64_t size;
	int r = layout_size(layer->descriptor, &size, e);

	if (r == 0)
		r = blob_open_large(&b, l->fd, layout_text(layer->descriptor, "digest"), size, e);
	// the digest of an archive that is not compressed is that of its blob, which is verified anyway
	bool same = str_equal(layer->diff_id, layout_text(layer->descriptor, "digest"));
	return r < 0 ? r : unpack_blob(l, &b, into, below, same ? NULL : layer->diff_id, e);
}

// A layer that is unpacked as root of a user namespace: only there its files have owners. What belongs to the caller
// is shared with the child process.
struct unpacked {
	uint64_t done;
	bool used; // layer_below.used
};
struct unpacking_there {
	const struct layout *l;
	const struct layer *layer;
	int into;
	struct layer_below *below;
	struct unpacked *shared;
};

static int unpack_there(void *context, struct err *e)
{
	const struct unpacking_there *u = context;
	struct layout l = *u->l;

	l.job = NULL; // the parent's
	l.done = &u->shared->done;
	int r = unpack_layer(&l, u->layer, u->into, u->below, e);
	u->shared->used = u->below->used;
	return r;
}

static int watch_unpacking(void *context, struct err *e)
{
	const struct unpacking_there *u = context;

	job_report_bytes(u->l->job, u->shared->done, u->l->total, "unpacking layers");
	return job_is_cancelled(u->l->job) ? err_msg(e, ECANCELED, "cancelled") : 0;
}

static int unpack_as_root(const struct layout *l, const struct layer *layer, int into, struct layer_below *below,
                          struct err *e)
{
	struct unpacked *shared =
	    mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct unpacking_there u = {l, layer, into, below, shared};
	const struct as_root child = {.work = unpack_there, .watch = watch_unpacking, .context = &u};
	int r = tar_load(e);

	if (shared == MAP_FAILED)
		return err_set(e, errno, "cannot start a child process");
	shared->done = *l->done;
	r = r < 0 ? r : as_root_run(&child, e);
	*l->done = shared->done;
	below->used = shared->used;
	munmap(shared, sizeof(*shared));
	return r;
}

static int unpack_with_owners(const struct layout *l, const struct layer *layer, int into, struct layer_below *below,
                              struct err *e)
{
	bool there = geteuid() != 0 && l->owners;

	return there ? unpack_as_root(l, layer, into, below, e) : unpack_layer(l, layer, into, below, e);
}

// Layers with other owners are other layers. Root in a user namespace also has other overlay attributes than root on
// the host.
static uint32_t owners_here(void)
{
	struct subids ids;

	if (geteuid() == 0)
		return userns_is_initial() ? 0 : userns_fingerprint();
	return subids_find(&ids) ? subids_fingerprint(&ids) : 0;
}

static char *layer_name(const struct layout *l, const char *hex, const char *chain)
{
	const char *dash = *chain ? "-" : "";

	return l->owners ? mem_printf("%s%s%s.%08x", hex, dash, chain, l->owners) : mem_printf("%s%s%s", hex, dash, chain);
}

// Identifies the layers below, for a layer that depends on them.
static char *chain_of(const struct strv *roots)
{
	char hex[DIGEST_HEX + 1];
	struct digest *sum = digest_begin(NULL);

	for (size_t i = 0; sum && i < roots->count; i++)
		digest_add(sum, strrchr(roots->items[i], '/'), strlen(strrchr(roots->items[i], '/')));
	digest_end(sum, hex);
	return sum ? mem_strndup(hex, CHAIN) : mem_strdup("");
}

// The possible names of a layer in the store: independent of the layers below, or specific to them.
struct layer_names {
	char *own, *chained;
};

// It is named last, so that every layer in the store is complete and verified; and it is flushed to disk before, so
// that this holds after a power failure, too.
static int create_layer(const struct layout *l, const struct layer *layer, const struct layer_names *names,
                      struct layer_below *below, const char **name, struct err *e)
{
	auto_free char *entry = NULL;
	auto_close int into = store_layer_make(l->store, &entry, e);
	auto_free char *path = entry ? store_layer_path(l->store, entry) : NULL;

	if (path)
		job_makes(l->job, path);
	int r = into < 0 ? into : unpack_with_owners(l, layer, into, below, e);
	if (r == 0 && syncfs(into) < 0)
		r = err_set(e, errno, "cannot write the layer to the disk");
	*name = below->used ? names->chained : names->own;
	if (r < 0 && into >= 0)
		store_layer_discard(l->store, entry);
	return r < 0 ? r : store_layer_publish(l->store, entry, *name, e);
}

static int ensure_layer(const struct layout *l, const struct layer *layer, struct layer_below *below, char **directory,
                      struct err *e)
{
	const char *digest = layout_text(layer->descriptor, "digest"), *hex = digest_hex(digest),
	           *type = layout_text(layer->descriptor, "mediaType"), *name;
	auto_free char *chain = chain_of(&below->roots), *own = layer_name(l, hex ? hex : "", ""),
	               *chained = layer_name(l, hex ? hex : "", chain);
	const struct layer_names names = {own, chained};
	int r = 0;

	if (!hex)
		return err_msg(e, EINVAL, "image 'oci:%s': '%s' is not a sha256 digest", l->path, digest ? digest : "");
	if (type && str_ends(type, "+encrypted"))
		return err_msg(
		    e, EINVAL,
		    "image 'oci:%s': layer %.20s is encrypted (decrypt it: skopeo copy --decryption-key KEY 'oci:%s' "
		    "oci:LAYOUT)",
		    l->path, digest, l->path);
	name = store_has_layer(l->store, own) ? own : store_has_layer(l->store, chained) ? chained : NULL;
	if (!name && l->look)
		return -ENOENT;
	if (!name)
		r = create_layer(l, layer, &names, below, &name, e);
	if (r < 0)
		return err_wrap(e, "image 'oci:%s': layer %.20s", l->path, digest);
	*directory = store_layer_path(l->store, name);
	return 0;
}

static bool replaces_all(const char *directory)
{
	auto_close int fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);

	return fd >= 0 && stack_is_opaque(fd); // overlayfs ignores this attribute at the root
}

// Puts DIRECTORY on top. Overlay refuses duplicate layers; the lower one is dropped, which changes nothing, as the
// upper one hides it.
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

// The total size of the layers that are not in the store. Layers that exist only for other layers below them are
// counted, too.
static uint64_t count_bytes(const struct layout *l, const json_t *layers)
{
	uint64_t bytes = 0;
	int64_t size;
	size_t i;
	json_t *layer;

	json_array_foreach (layers, i, layer) {
		const char *hex = digest_hex(layout_text(layer, "digest"));
		auto_free char *name = layer_name(l, hex ? hex : "", "");

		if (layout_size(layer, &size, NULL) == 0 && size > 0 && !store_has_layer(l->store, name))
			bytes += (uint64_t)size;
	}
	return bytes;
}

static int ensure_layers(const struct layout *l, const json_t *manifest, const json_t *config, struct image *image,
                       struct err *e)
{
	const json_t *layers = json_object_get(manifest, "layers"),
	             *diff_ids = json_object_get(json_object_get(config, "rootfs"), "diff_ids");
	size_t count = json_array_size(layers), known = json_array_size(diff_ids);

	if (count == 0 || count > LAYERS_MAX)
		return err_msg(e, EINVAL, "image 'oci:%s' has %zu layers; overlay supports 1 to %d", l->path, count,
		               LAYERS_MAX);
	if (known && known != count)
		return err_msg(e, EINVAL,
		               "image 'oci:%s': its manifest has %zu layers, its configuration %zu (rootfs.diff_ids)", l->path,
		               count, known);
	for (size_t i = 0; i < count; i++) {
		const struct layer layer = {json_array_get(layers, i), json_string_value(json_array_get(diff_ids, i))};
		struct layer_below below = {.roots = image->lowers};
		char *directory = NULL;
		int r = job_is_cancelled(l->job) ? err_msg(e, ECANCELED, "cancelled")
		                                 : ensure_layer(l, &layer, &below, &directory, e);
		if (r < 0)
			return r;
		add_layer(&image->lowers, directory);
	}
	return 0;
}

// Reads a list of strings from the configuration. Some builders write a single string: one word, or a line for the
// shell.
static int read_words(struct strv *v, const json_t *run, const char *key, const char *path, struct err *e)
{
	const json_t *value = json_object_get(run, key);
	const char *text = json_string_value(value);
	size_t i;
	json_t *item;

	if (text && strpbrk(text, " \t\n")) {
		strv_add(v, "/bin/sh");
		strv_add(v, "-c");
	}
	if (text && *text)
		strv_add(v, text);
	if (text || !value || json_is_null(value))
		return 0;
	json_array_foreach(value, i, item)
		if (json_is_string(item))
			strv_add(v, json_string_value(item));
	if (v->count == 1 && !*v->items[0] && json_array_size(value) == 1) { // means none
		strv_done(v);
		return 0;
	}
	return json_is_array(value) && v->count == json_array_size(value)
	           ? 0
	           : err_msg(e, EINVAL, "image 'oci:%s': %s in the configuration is not a list of strings", path, key);
}

// Invalid entries (without NAME=) are dropped: programs could not read them either.
static void read_env(struct strv *v, const json_t *list)
{
	size_t i;
	json_t *item;

	json_array_foreach(list, i, item)
	{
		const char *text = json_string_value(item), *equals = text ? strchr(text, '=') : NULL;
		if (equals && equals > text)
			strv_add(v, text);
	}
}

// The keys of an object; relative paths are relative to the root.
static void read_volumes(struct strv *v, json_t *object)
{
	const char *path;
	json_t *value;

	json_object_foreach(object, path, value)
	{
		if (*path)
			strv_addf(v, "%s%s", *path == '/' ? "" : "/", path);
	}
	strv_sort(v);
}

static void read_keys(struct strv *v, json_t *object)
{
	const char *key;
	json_t *value;

	json_object_foreach(object, key, value)
		strv_add(v, key);
	strv_sort(v);
}

// A string; some builders write a number for a user or a signal. Owned, NULL if there is none.
static char *text_or_number(const json_t *run, const char *key)
{
	const json_t *value = json_object_get(run, key);
	const char *text = json_string_value(value);

	return json_is_integer(value) ? mem_printf("%lld", (long long)json_integer_value(value))
	       : text && *text        ? mem_strdup(text)
	                              : NULL;
}

// A relative directory is relative to the root, the default working directory.
static char *workdir_of(const json_t *run)
{
	const char *text = layout_text(run, "WorkingDir");

	return !text || !*text ? NULL : mem_printf("%s%s", *text == '/' ? "" : "/", text);
}

// Times are in ns, 0 and negative ones mean that they are not set.
static void read_health(struct image *image, const json_t *check)
{
	static const struct {
		const char *key, *option, *unit;
	} numbers[] = {{"Interval", PARAM_HEALTH_INTERVAL, "ns"},
	               {"Timeout", PARAM_HEALTH_TIMEOUT, "ns"},
	               {"StartPeriod", PARAM_HEALTH_START_PERIOD, "ns"},
	               {"StartInterval", PARAM_HEALTH_START_INTERVAL, "ns"},
	               {"Retries", PARAM_HEALTH_RETRIES, ""}};
	size_t i;
	json_t *word;

	json_array_foreach(json_object_get(check, "Test"), i, word)
		if (json_is_string(word))
			strv_add(&image->health, json_string_value(word));
	for (i = 0; i < ARRAY_SIZE(numbers); i++) {
		json_int_t value = json_integer_value(json_object_get(check, numbers[i].key));

		if (value > 0)
			strv_addf(&image->health_options, "%s=%lld%s", numbers[i].option, (long long)value, numbers[i].unit);
	}
}

static int read_config(struct image *image, const json_t *config, const char *path, struct err *e)
{
	const json_t *run = json_object_get(config, "config");
	int r = read_words(&image->entrypoint, run, "Entrypoint", path, e);

	if (r == 0)
		r = read_words(&image->cmd, run, "Cmd", path, e);
	read_env(&image->env, json_object_get(run, "Env"));
	read_volumes(&image->volumes, json_object_get(run, "Volumes"));
	read_keys(&image->exposed, json_object_get(run, "ExposedPorts"));
	image->user = text_or_number(run, "User");
	image->workdir = workdir_of(run);
	image->stop_signal = text_or_number(run, "StopSignal");
	read_health(image, json_object_get(run, "Healthcheck"));
	return r;
}

static int open_in_layout(struct image *image, struct layout *l, const char *ref, struct err *e)
{
	auto_json manifest = NULL;
	auto_json config = NULL;
	int r = choose_image(l, ref, &manifest, &config, &image->digest, e);

	l->total = r == 0 ? count_bytes(l, json_object_get(manifest, "layers")) : 0;
	if (r == 0)
		r = read_config(image, config, l->path, e);
	return r < 0 ? r : ensure_layers(l, manifest, config, image, e);
}

int image_open_layout(struct image *image, const struct store *store, const char *path, const char *ref,
                      const struct job *job, struct err *e)
{
	auto_close int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	size_t left = LAYOUT_READ_MAX;
	uint64_t done = 0;
	struct layout l = {.path = path, .fd = fd, .store = store, .job = job, .left = &left, .done = &done,
	                   .owners = owners_here()};

	if (fd < 0 || faccessat(fd, "index.json", F_OK, AT_SYMLINK_NOFOLLOW) < 0)
		return foreign_explain(path, e);
	return open_in_layout(image, &l, ref, e);
}

bool image_layout_lacks_layers(const struct store *store, const char *path, const char *ref)
{
	auto_close int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	size_t left = LAYOUT_READ_MAX;
	struct layout l = {.path = path, .fd = fd, .store = store, .left = &left, .look = true, .owners = owners_here()};
	struct image image = {0};
	struct err ignored;
	int r = fd < 0 ? -EBADF : open_in_layout(&image, &l, ref, &ignored);

	image_done(&image);
	return r == -ENOENT && l.total;
}
