// Creating images: see build.h and image-spec manifest.md, config.md.
#include "build.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "blob.h"
#include "container/store/as_root.h"
#include "digest.h"
#include "layout.h"
#include "stored.h"
#include "sys/fs.h"
#include "sys/write.h"
#include "tar.h"

#define TYPE_CONFIG "application/vnd.oci.image.config.v1+json"
#define TYPE_LAYER "application/vnd.oci.image.layer.v1.tar"
#define TYPE_MANIFEST "application/vnd.oci.image.manifest.v1+json"

enum { BLOCK = 64 * 1024 };
static const char part[] = "part"; // a blob whose digest is not known yet

int build_open(struct build *b, const struct store *store, const struct job *job, struct err *e)
{
	*b = (struct build){.store = store, .job = job, .lock = -1, .stage = -1};
	b->layers = json_array();
	b->diff_ids = json_array();
	b->stage = store_stage_make(store, &b->entry, e);
	return b->stage < 0 ? b->stage : 0;
}

void build_done(struct build *b)
{
	if (b->entry)
		store_stage_discard(b->store, b->entry);
	auto_close_run(&b->stage);
	auto_close_run(&b->lock);
	free(b->entry);
	json_decref(b->layers);
	json_decref(b->diff_ids);
	strv_done(&b->blobs);
}

// --- blobs ---

static int open_part(const struct build *b, struct err *e)
{
	int fd = openat(b->stage, part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	return fd < 0 ? err_set(e, errno, "cannot create a blob in '%s/images'", b->store->path) : fd;
}

// The new blob is complete: rename it to its digest in the stage.
static int name_part(struct build *b, int fd, const char *hex, struct err *e)
{
	if (fchmod(fd, 0644) < 0 || renameat(b->stage, part, b->stage, hex) < 0)
		return err_set(e, errno, "cannot create a blob in '%s/images'", b->store->path);
	strv_add(&b->blobs, hex);
	return 0;
}

static json_t *descriptor_of(const char *type, const char *hex, uint64_t size)
{
	auto_free char *digest = mem_printf("sha256:%s", hex);

	return json_pack("{s:s, s:s, s:I}", "mediaType", type, "digest", digest, "size", (json_int_t)size);
}

static void add_layer(struct build *b, json_t *descriptor, const char *diff_id, size_t at)
{
	json_array_insert_new(b->layers, at, descriptor);
	json_array_insert_new(b->diff_ids, at, json_string(diff_id));
}

static void add_top_layer(struct build *b, json_t *descriptor, const char *diff_id)
{
	add_layer(b, descriptor, diff_id, json_array_size(b->layers));
}

// From here on no blob is collected. Packing files and reading an archive, which may take long, need no lock.
static int lock_blobs(struct build *b, struct err *e)
{
	if (b->lock < 0)
		b->lock = stored_hold(b->store, e);
	return b->lock < 0 ? b->lock : 0;
}

static int add_document(struct build *b, const char *type, const json_t *object, json_t **descriptor, struct err *e)
{
	auto_free char *text = json_dumps(object, JSON_COMPACT);
	struct digest *sum = digest_begin(e);
	auto_close int fd = sum ? open_part(b, e) : -1;
	char hex[DIGEST_HEX + 1] = "";

	if (sum)
		digest_add(sum, text, strlen(text));
	digest_end(sum, hex);
	if (fd < 0)
		return -e->code;
	int r = write_all(fd, text, strlen(text));
	r = r < 0 ? err_set(e, -r, "cannot write a blob") : name_part(b, fd, hex, e);
	*descriptor = r < 0 ? NULL : descriptor_of(type, hex, strlen(text));
	return r;
}

static int write_part(int fd, const void *bytes, size_t n, struct err *e)
{
	int r = write_all(fd, bytes, n);

	return r < 0 ? err_set(e, -r, "cannot write a layer") : 0;
}

// --- a layer of files ---

// Shared with the child process.
struct packed_layer {
	char hex[DIGEST_HEX + 1], diff[DIGEST_HEX + 1];
	uint64_t size;
};

struct packing {
	int fd;
	enum pack_filter filter;
	unsigned flags;
	const struct strv *skip;
	build_files *files;
	void *context;
	const struct job *job;
	struct digest *sum;
	struct packed_layer *layer;
};

static int write_blob(void *context, const void *bytes, size_t n, struct err *e)
{
	struct packing *k = context;

	digest_add(k->sum, bytes, n);
	k->layer->size += n;
	return write_part(k->fd, bytes, n, e);
}

static int pack_files(void *context, struct err *e)
{
	struct packing *k = context;
	const struct pack_sink sink = {write_blob, k};
	struct pack *p = NULL;
	int r = pack_open(&p, &sink, k->filter, k->flags | PACK_FOR_LAYER, k->skip, NULL, e);

	r = r < 0 ? r : k->files(p, k->context, e);
	if (r == 0)
		r = pack_end(p, k->layer->diff, e);
	pack_free(p);
	digest_end(k->sum, k->layer->hex);
	return r;
}

static int watch_files(void *context, struct err *e)
{
	const struct packing *k = context;

	job_report_bytes(k->job, k->layer->size, 0, "packing files");
	return job_is_cancelled(k->job) ? err_msg(e, ECANCELED, "cancelled") : 0;
}

static const char *const filter_types[] = {
	[PACK_PLAIN] = TYPE_LAYER, [PACK_GZIP] = TYPE_LAYER "+gzip", [PACK_ZSTD] = TYPE_LAYER "+zstd"};

static int pack_layer(struct build *b, struct packing *k, struct err *e)
{
	const struct as_root child = {.work = pack_files, .watch = watch_files, .context = k};
	int r = tar_load(e);

	r = r < 0 ? r : as_root_run(&child, e);
	if (r == 0)
		r = name_part(b, k->fd, k->layer->hex, e);
	if (r < 0)
		return r;
	auto_free char *diff_id = mem_printf("sha256:%s", k->layer->diff);
	add_top_layer(b, descriptor_of(filter_types[k->filter], k->layer->hex, k->layer->size), diff_id);
	return 0;
}

int build_pack(struct build *b, enum pack_filter filter, unsigned flags, const struct strv *skip, build_files *files,
               void *context, struct err *e)
{
	auto_close int fd = open_part(b, e);
	struct packing k = {fd, filter, flags, skip, files, context, b->job, NULL, NULL};

	if (fd < 0)
		return fd;
	k.layer = mmap(NULL, sizeof(*k.layer), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (k.layer == MAP_FAILED)
		return err_set(e, errno, "cannot pack files");
	k.sum = digest_begin(e);
	int r = k.sum ? pack_layer(b, &k, e) : -EOPNOTSUPP;
	digest_end(k.sum, NULL);
	munmap(k.layer, sizeof(*k.layer));
	return r;
}

// --- a layer from an archive ---

// Reads the archive, and copies it to a blob meanwhile.
struct copying {
	const struct layer_source *source;
	int fd;
	struct digest *sum;
	uint64_t size;
	unsigned char magic[6];
	const struct job *job;
};

static ssize_t read_copying(void *context, void *bytes, size_t room, struct err *e)
{
	struct copying *c = context;
	ssize_t n = c->source->read(c->source->context, bytes, room, e);

	if (n <= 0 || write_part(c->fd, bytes, (size_t)n, e) < 0)
		return n <= 0 ? n : -e->code;
	digest_add(c->sum, bytes, (size_t)n);
	for (ssize_t i = 0; c->size + (uint64_t)i < sizeof(c->magic) && i < n; i++)
		c->magic[c->size + (uint64_t)i] = ((const unsigned char *)bytes)[i];
	c->size += (uint64_t)n;
	job_report_bytes(c->job, c->size, 0, "reading the archive");
	return n;
}

static const struct {
	const char *magic;
	const char *type; // NULL: not allowed for layers
	const char *program;
} compressions[] = {
	{"\x1f\x8b", TYPE_LAYER "+gzip", NULL},
	{"\x28\xb5\x2f\xfd", TYPE_LAYER "+zstd", NULL},
	{"\xfd\x37zXZ", NULL, "xz"},
};

static int archive_type(const struct copying *c, const char **type, struct err *e)
{
	*type = TYPE_LAYER;
	for (size_t i = 0; i < ARRAY_SIZE(compressions); i++) {
		if (memcmp(c->magic, compressions[i].magic, strlen(compressions[i].magic)) != 0)
			continue;
		*type = compressions[i].type;
		if (!*type)
			return err_msg(e, EINVAL,
			               "the archive is compressed with %s, unsupported for layers (unpack it: %s -dc FILE | "
			               "hostel import - NAME)",
			               compressions[i].program, compressions[i].program);
	}
	return 0;
}

// All of it, including data after the end of the archive.
static int read_archive(struct copying *c, char diff[DIGEST_HEX + 1], struct err *e)
{
	const struct layer_source source = {read_copying, c};
	struct archive_entry *entry;
	char rest[BLOCK];
	auto_tar t = {0};
	int r = tar_open(&t, &source, TAR_WITH_SUM, c->job, e);

	while (r == 0 && (r = tar_next(&t, &entry, e)) > 0)
		r = 0;
	if (r == 0)
		r = tar_finish(&t, diff, e);
	while (r == 0 && (r = (int)read_copying(c, rest, sizeof(rest), e)) > 0)
		r = 0;
	return r;
}

int build_archive(struct build *b, const struct layer_source *source, struct err *e)
{
	auto_close int fd = open_part(b, e);
	struct copying c = {.source = source, .fd = fd, .job = b->job, .sum = fd < 0 ? NULL : digest_begin(e)};
	char hex[DIGEST_HEX + 1] = "", diff[DIGEST_HEX + 1] = "";
	const char *type = NULL;
	int r = c.sum ? read_archive(&c, diff, e) : -e->code;

	if (r == 0 && c.size == 0)
		r = err_msg(e, EINVAL, "the archive is empty");
	digest_end(c.sum, hex);
	r = r < 0 ? r : archive_type(&c, &type, e);
	r = r < 0 ? r : name_part(b, fd, hex, e);
	if (r < 0)
		return r;
	auto_free char *diff_id = mem_printf("sha256:%s", diff);
	add_top_layer(b, descriptor_of(type, hex, c.size), diff_id);
	return 0;
}

// --- a layer of another image ---

// Docker's media types are those of the Open Container Initiative under other names.
static const struct {
	const char *docker, *oci;
} types[] = {
	{"application/vnd.docker.image.rootfs.diff.tar.gzip", TYPE_LAYER "+gzip"},
	{"application/vnd.docker.image.rootfs.diff.tar.zstd", TYPE_LAYER "+zstd"},
	{"application/vnd.docker.image.rootfs.diff.tar", TYPE_LAYER},
};

static const char *oci_type(const char *type)
{
	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (str_equal(type, types[i].docker))
			return types[i].oci;
	return type ? type : TYPE_LAYER;
}

static int copy_blob(struct build *b, struct blob *blob, struct err *e)
{
	auto_close int fd = open_part(b, e);
	auto_free char *buffer = mem_new(BLOCK);
	ssize_t n = 0;
	int r = fd < 0 ? fd : 0;

	while (r == 0 && (n = blob_read(blob, buffer, BLOCK, e)) > 0)
		r = job_is_cancelled(b->job) ? err_msg(e, ECANCELED, "cancelled") : write_part(fd, buffer, (size_t)n, e);
	r = r < 0 ? r : n < 0 ? (int)n : blob_check(blob, e);
	return r < 0 ? r : name_part(b, fd, blob->hex, e);
}

static bool store_has_blob(const struct build *b, const char *hex)
{
	auto_free char *path = mem_printf("blobs/sha256/%s", hex);

	return faccessat(b->store->images, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

int build_reuse(struct build *b, int layout_fd, const json_t *descriptor, const char *diff_id, struct err *e)
{
	const char *digest = layout_text(descriptor, "digest"), *hex = digest_hex(digest);
	auto_blob blob = {.fd = -1};
	int64_t size = BLOB_SIZE_UNKNOWN;
	int r = lock_blobs(b, e);

	r = r < 0 ? r : hex ? layout_size(descriptor, &size, e) : err_msg(e, EINVAL, "a layer has no valid digest");
	if (r == 0 && !store_has_blob(b, hex)) {
		r = blob_open(&blob, layout_fd, digest, size, e);
		r = r < 0 ? r : copy_blob(b, &blob, e);
	}
	if (r < 0)
		return r;
	json_t *copy = json_deep_copy(descriptor);
	json_object_set_new(copy, "mediaType", json_string(oci_type(layout_text(descriptor, "mediaType"))));
	add_layer(b, copy, diff_id, b->reused++);
	return 0;
}

// --- the image ---

static int publish_blob(const struct build *b, const char *hex, struct err *e)
{
	auto_free char *to = mem_printf("blobs/sha256/%s", hex);

	return renameat(b->stage, hex, b->store->images, to) < 0
	           ? err_set(e, errno, "cannot add a blob to '%s/images'", b->store->path)
	           : 0;
}

// The blobs must be on the disk before the image gets its name.
static int publish(const struct build *b, struct err *e)
{
	static const char *const directories[] = {"blobs", "blobs/sha256"};
	int r = syncfs(b->stage) < 0 ? err_set(e, errno, "cannot write the image to the disk") : 0;

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(directories); i++) {
		r = fs_make_directory(b->store->images, directories[i], 0755);
		r = r == -EEXIST ? 0 : r < 0 ? err_set(e, -r, "cannot create '%s/images/blobs'", b->store->path) : 0;
	}
	for (size_t i = 0; r == 0 && i < b->blobs.count; i++)
		r = publish_blob(b, b->blobs.items[i], e);
	return r;
}

int build_finish(struct build *b, json_t *config, const char *name, char **digest, struct err *e)
{
	auto_json described = NULL;
	auto_json manifest = NULL;
	auto_json descriptor = NULL;

	json_object_set_new(config, "rootfs", json_pack("{s:s, s:O}", "type", "layers", "diff_ids", b->diff_ids));
	int r = lock_blobs(b, e);
	r = r < 0 ? r : add_document(b, TYPE_CONFIG, config, &described, e);
	if (r < 0)
		return r;
	manifest = json_pack("{s:i, s:s, s:O, s:O}", "schemaVersion", 2, "mediaType", TYPE_MANIFEST, "config", described,
	                     "layers", b->layers);
	r = add_document(b, TYPE_MANIFEST, manifest, &descriptor, e);
	r = r < 0 ? r : publish(b, e);
	r = r < 0 ? r : stored_add(b->store, descriptor, name, e);
	*digest = r < 0 ? NULL : mem_strdup(layout_text(descriptor, "digest"));
	return r;
}
