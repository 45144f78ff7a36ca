// OCI image layouts (image-spec image-layout.md, manifest.md, config.md): from a directory on disk to unpacked layers in the store.
// Every blob is checked against its digest before it is believed. Must not know how archives are read.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <jansson.h>

#include "base/mem.h"
#include "container/image.h"
#include "digest.h"
#include "sys/fs.h"

enum { DOCUMENT_MAX = 4 << 20, LAYERS_MAX = 127, INDEX_DEPTH = 4 };

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

// "sha256:" and 64 lower-case digits; the digits, or NULL
static const char *digest_hex(const char *digest)
{
	static const char prefix[] = "sha256:";
	const char *hex = digest && str_starts(digest, prefix) ? digest + strlen(prefix) : NULL;

	return hex && strspn(hex, "0123456789abcdef") == DIGEST_HEX && hex[DIGEST_HEX] == '\0' ? hex : NULL;
}

// Opens the blob DIGEST after checking it. Returns a descriptor at its beginning.
static int open_blob(const struct layout *l, const char *digest, struct err *e)
{
	const char *hex = digest_hex(digest);
	char sum[DIGEST_HEX + 1] = "";

	if (!hex)
		return err_msg(e, EINVAL, "image 'oci:%s': '%s' is no sha256 digest", l->path, digest ? digest : "");
	auto_free char *name = mem_printf("blobs/sha256/%s", hex);
	auto_close int fd = openat(l->fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return err_set(e, errno, "image 'oci:%s': blob '%s'", l->path, name);
	int r = digest_file(fd, sum, e);
	if (r < 0)
		return err_wrap(e, "image 'oci:%s': blob '%s'", l->path, name);
	if (strcmp(sum, hex) != 0)
		return err_msg(e, EBADMSG, "image 'oci:%s': blob '%s' is damaged: its content is sha256:%s (fetch the image again)", l->path, name, sum);
	if (lseek(fd, 0, SEEK_SET) < 0)
		return err_set(e, errno, "image 'oci:%s': blob '%s'", l->path, name);
	return steal_fd(&fd);
}

static int parse(const struct layout *l, const char *what, int fd, json_t **object, struct err *e)
{
	struct stat st;
	json_error_t error;

	if (fstat(fd, &st) < 0 || st.st_size > DOCUMENT_MAX)
		return err_msg(e, EFBIG, "image 'oci:%s': %s is too large", l->path, what);
	*object = json_loadfd(fd, JSON_REJECT_DUPLICATES, &error);
	if (!*object)
		return err_msg(e, EINVAL, "image 'oci:%s': %s: line %d: %s", l->path, what, error.line, error.text);
	return 0;
}

static int read_blob(const struct layout *l, const char *what, const char *digest, json_t **object, struct err *e)
{
	auto_close int fd = open_blob(l, digest, e);

	return fd < 0 ? fd : parse(l, what, fd, object, e);
}

static const char *text_at(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
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
	auto_close int fd = openat(l->fd, "index.json", O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	auto_json index = NULL;

	if (fd < 0)
		return err_set(e, errno, "image 'oci:%s': no 'index.json' (is this an OCI image layout?)", l->path);
	int r = parse(l, "index.json", fd, &index, e);
	const json_t *chosen = r == 0 ? choose_by_tag(json_object_get(index, "manifests"), tag) : NULL;
	if (r == 0 && !chosen) {
		auto_str tags = {0};
		add_tags(&tags, json_object_get(index, "manifests"));
		return err_msg(e, ENOENT, "image 'oci:%s' has no tag '%s' (it has: %s)", l->path, tag ? tag : "latest", tags.length ? tags.text : "none");
	}
	for (int depth = 0; r == 0 && is_index(chosen) && depth < INDEX_DEPTH; depth++) {
		json_t *below = NULL;
		r = read_blob(l, "the index", text_at(chosen, "digest"), &below, e);
		chosen = r == 0 ? choose_by_platform(json_object_get(below, "manifests")) : NULL;
		json_decref(index);
		index = below; // CHOSEN lives in it
		if (r == 0 && !chosen)
			return err_msg(e, ENOENT, "image 'oci:%s' is not made for linux/" OCI_ARCHITECTURE, l->path);
	}
	if (r < 0)
		return r;
	*digest = mem_strdup(text_at(chosen, "digest"));
	return read_blob(l, "the manifest", *digest, manifest, e);
}

// A layer that stands in the store was unpacked whole: it got its name last.
static int need_layer(const struct layout *l, const char *digest, char **directory, struct err *e)
{
	const char *hex = digest_hex(digest);
	auto_free char *path = mem_printf("%s/layers/%s", l->store->path, hex ? hex : "");
	auto_free char *layers = mem_printf("%s/layers", l->store->path);
	auto_free char *temporary = store_unfinished_name();

	if (hex && access(path, F_OK) == 0) {
		*directory = steal(path);
		return 0;
	}
	auto_close int blob = open_blob(l, digest, e);
	if (blob < 0)
		return blob;
	auto_close int above = open(layers, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (above < 0 || mkdirat(above, temporary, 0755) < 0)
		return err_set(e, errno, "cannot make a layer in '%s'", layers);
	auto_close int into = openat(above, temporary, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int r = into < 0 ? -errno : layer_unpack(blob, into, l->job, e);
	if (r == 0 && renameat(above, temporary, above, hex) < 0 && errno != EEXIST && errno != ENOTEMPTY)
		r = err_set(e, errno, "cannot keep layer '%s'", digest);
	fs_remove_tree(above, temporary, NULL);
	if (r < 0)
		return err_wrap(e, "image 'oci:%s': layer %.20s", l->path, digest);
	*directory = steal(path);
	return 0;
}

static int need_layers(const struct layout *l, const json_t *manifest, struct image *image, struct err *e)
{
	const json_t *layers = json_object_get(manifest, "layers");
	size_t count = json_array_size(layers);

	if (count == 0 || count > LAYERS_MAX)
		return err_msg(e, EINVAL, "image 'oci:%s' has %zu layers; 1 to %d can be stacked", l->path, count, LAYERS_MAX);
	for (size_t i = count; i-- > 0;) { // overlayfs wants the uppermost first
		char *directory = NULL;
		job_report(l->job, (double)(count - 1 - i) / (double)count, "unpacking layers");
		int r = job_is_cancelled(l->job) ? err_msg(e, ECANCELED, "cancelled") : need_layer(l, text_at(json_array_get(layers, i), "digest"), &directory, e);
		if (r < 0)
			return r;
		strv_take(&image->lowers, directory);
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
		r = read_blob(&l, "the image's configuration", text_at(json_object_get(manifest, "config"), "digest"), &config, e);
	if (r == 0)
		r = need_layers(&l, manifest, image, e);
	if (r == 0)
		take_config(image, config);
	return r;
}
