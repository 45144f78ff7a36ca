// Reading archives of images: see archive.h. An OCI image layout, in an archive or a directory, is copied
// unchanged, and every blob is verified; docker's other format is converted by skopeo(1).
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive.h"
#include "base/mem.h"
#include "blob.h"
#include "digest.h"
#include "entry.h"
#include "foreign.h"
#include "layout.h"
#include "name.h"
#include "skopeo.h"
#include "stored.h"
#include "sys/fs.h"
#include "tar.h"
#include "trust.h"

enum { BLOCK = 256 * 1024, DOCUMENT_MAX = 4 << 20 /* bytes */, IMAGES_MAX = 4096 };

struct loading {
	const struct store *store;
	const char *file;
	const struct job *job;
	int fd;              // of FILE
	uint64_t done, size; // bytes of it
	char *stage;
	int dir;             // of the stage
	json_t *index, *docker; // documents of an archive, NULL: none
	json_t *found;          // its images (stored_add_all())
	struct strv *loaded;
};

// --- names ---

static const char *given_name(const json_t *descriptor)
{
	const json_t *annotations = json_object_get(descriptor, "annotations");
	const char *full = layout_text(annotations, "io.containerd.image.name");

	return full ? full : layout_text(annotations, "org.opencontainers.image.ref.name");
}

// Names are untrusted: one that is not a valid image name, or only a tag, is left out. Owned; NULL: none.
static char *canonical(const struct loading *l, const char *name)
{
	struct err problem = {0};

	if (!name || !strpbrk(name, "/:"))
		return NULL;
	if (image_name_check(name, &problem) == 0)
		return image_name_canonical(name);
	auto_free char *shown = str_visible(problem.text), *text = mem_printf("loaded without its name: %s", shown);
	job_note(l->job, text);
	return NULL;
}

static int add_found(const struct loading *l, const json_t *descriptor, const char *given, struct err *e)
{
	auto_free char *name = canonical(l, given);

	if (json_array_size(l->found) == IMAGES_MAX)
		return err_msg(e, E2BIG, "'%s': more than %d images", l->file, IMAGES_MAX);
	json_array_append_new(l->found, json_pack("{s:o, s:s*}", "descriptor", json_deep_copy(descriptor), "name", name));
	return 0;
}

// All of them, or none.
static int publish(const struct loading *l, struct err *e)
{
	int r = syncfs(l->dir) < 0 ? err_set(e, errno, "cannot write to the store")
	                           : stored_add_all(l->store, l->found, e);
	size_t i;
	json_t *one;

	json_array_foreach (l->found, i, one) {
		const char *name = layout_text(one, "name");
		if (r == 0)
			strv_add(l->loaded, name ? name : layout_text(json_object_get(one, "descriptor"), "digest"));
	}
	return r;
}

// --- blobs of a layout ---

// Copies a blob of the layout FROM into the store. It gets its name when it is verified and complete.
static int copy_blob(struct loading *l, int from, const char *digest, struct err *e)
{
	auto_blob b = {.fd = -1};
	auto_free char *buffer = mem_new(BLOCK), *path = mem_printf("blobs/sha256/%s", digest_hex(digest));
	auto_close int to = openat(l->dir, "blob", O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
	int r = to < 0 ? err_set(e, errno, "cannot write to the store")
	               : blob_open(&b, from, digest, BLOB_SIZE_UNKNOWN, e);
	ssize_t n = 0;

	while (r == 0 && (n = blob_read(&b, buffer, BLOCK, e)) > 0) {
		if (job_is_cancelled(l->job))
			return err_msg(e, ECANCELED, "cancelled");
		if (write(to, buffer, (size_t)n) != n)
			return err_set(e, errno ? errno : ENOSPC, "cannot write to the store");
	}
	r = r < 0 ? r : n < 0 ? (int)n : blob_check(&b, e);
	if (r == 0 && renameat(l->dir, "blob", l->store->images, path) < 0)
		r = err_set(e, errno, "cannot write to the store");
	return r;
}

// Blobs that a layout lacks belong to other platforms.
static int copy_below(struct loading *l, const struct layout *from, const json_t *descriptor, int depth,
                      struct err *e);

static int copy_parts(struct loading *l, const struct layout *from, const json_t *document, int depth, struct err *e)
{
	size_t i;
	json_t *part;
	int r = 0;

	if (json_object_get(document, "config"))
		r = copy_below(l, from, json_object_get(document, "config"), -1, e);
	json_array_foreach (json_object_get(document, "layers"), i, part)
		if (r == 0)
			r = copy_below(l, from, part, -1, e);
	json_array_foreach (json_object_get(document, "manifests"), i, part) {
		const char *hex = digest_hex(layout_text(part, "digest"));
		auto_free char *path = mem_printf("blobs/sha256/%s", hex ? hex : "");
		if (r == 0 && faccessat(from->fd, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
			r = copy_below(l, from, part, depth + 1, e);
	}
	return r;
}

// DEPTH of nested indexes; negative: not a document.
static int copy_below(struct loading *l, const struct layout *from, const json_t *descriptor, int depth,
                      struct err *e)
{
	const char *digest = layout_text(descriptor, "digest");
	auto_json document = NULL;
	int r = 0;

	if (!digest_hex(digest))
		return err_msg(e, EINVAL, "'%s': '%s' is not a sha256 digest", l->file, digest ? digest : "");
	if (depth > 4)
		return err_msg(e, ELOOP, "'%s': indexes are nested too deeply", l->file);
	if (depth >= 0)
		r = layout_read(from, "the manifest", descriptor, &document, e);
	if (r == 0 && document)
		r = copy_parts(l, from, document, depth, e);
	return r < 0 || stored_blob_size(l->store, digest) ? r : copy_blob(l, from->fd, digest, e);
}

// TRANSPORT is the name in the host's policy.
static int load_layout(struct loading *l, const char *transport, int fd, const json_t *index, struct err *e)
{
	size_t left = LAYOUT_READ_MAX, i;
	const struct layout from = {.path = l->file, .fd = fd, .left = &left};
	json_t *descriptor;
	int r = trust_check(transport, l->file, e);

	if (r < 0)
		return err_wrap(e, "cannot load '%s'", l->file);
	json_array_foreach (json_object_get(index, "manifests"), i, descriptor) {
		r = copy_below(l, &from, descriptor, 0, e);
		if (r == 0)
			r = add_found(l, descriptor, given_name(descriptor), e);
		if (r < 0)
			break;
	}
	return r < 0 ? r : publish(l, e);
}

// --- archives ---

static ssize_t read_file(void *context, void *bytes, size_t room, struct err *e)
{
	struct loading *l = context;
	ssize_t n = read(l->fd, bytes, room);

	if (job_is_cancelled(l->job))
		return err_msg(e, ECANCELED, "cancelled");
	if (n < 0)
		return err_set(e, errno, "cannot read '%s'", l->file);
	l->done += (uint64_t)n;
	job_report_bytes(l->job, l->done, l->size, "reading");
	return n;
}

// Writes the content of ENTRY to the file NAME of the stage.
static int keep_entry(struct loading *l, struct tar *t, struct archive_entry *entry, const char *name, struct err *e)
{
	auto_close int fd = openat(l->dir, name, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);

	return fd < 0 ? err_set(e, errno, "cannot write to the store") : entry_write_data(t, entry, fd, e);
}

static int read_document(struct loading *l, struct tar *t, struct archive_entry *entry, json_t **document,
                         struct err *e)
{
	auto_str text = {0};
	int r = entry_read(t, DOCUMENT_MAX, &text, e);

	if (r < 0)
		return err_wrap(e, "'%s' contains an invalid '%s'", l->file, la.entry_pathname(entry));
	json_decref(*document);
	*document = json_loadb(str_text(&text), text.length, JSON_REJECT_DUPLICATES, NULL);
	return *document ? 0
	                 : err_msg(e, EBADMSG, "'%s' contains an invalid '%s': not JSON", l->file,
	                           la.entry_pathname(entry));
}

// A blob that the store lacks is added at once; if no image turns out to need it, it is garbage.
static int take_blob(struct loading *l, struct tar *t, struct archive_entry *entry, const char *digest, struct err *e)
{
	auto_free char *path = mem_printf("blobs/sha256/%s", digest_hex(digest));
	auto_blob b = {.fd = -1};
	int r = keep_entry(l, t, entry, path, e);

	r = r < 0 ? r : blob_open(&b, l->dir, digest, BLOB_SIZE_UNKNOWN, e);
	r = r < 0 ? r : blob_check(&b, e);
	if (r == 0 && renameat(l->dir, path, l->store->images, path) < 0)
		r = err_set(e, errno, "cannot write to the store");
	return r;
}

static int take_entry(struct loading *l, struct tar *t, struct archive_entry *entry, struct err *e)
{
	static const char blobs[] = "blobs/sha256/";
	auto_free char *name = entry_clean_name(la.entry_pathname(entry));
	auto_free char *digest = name && str_starts(name, blobs) ? mem_printf("sha256:%s", name + strlen(blobs)) : NULL;

	if (!name || la.entry_filetype(entry) != AE_IFREG)
		return 0;
	if (strcmp(name, "index.json") == 0)
		return read_document(l, t, entry, &l->index, e);
	if (strcmp(name, "manifest.json") == 0)
		return read_document(l, t, entry, &l->docker, e);
	return digest_hex(digest) && !stored_blob_size(l->store, digest) ? take_blob(l, t, entry, digest, e) : 0;
}

static int read_archive(struct loading *l, struct err *e)
{
	const struct layer_source source = {read_file, l};
	auto_tar t = {0};
	struct archive_entry *entry;
	int r = tar_open(&t, &source, TAR_WITHOUT_SUM, l->job, e), more = 0;

	while (r == 0 && (more = tar_next(&t, &entry, e)) > 0)
		r = take_entry(l, &t, entry, e);
	return r < 0 ? r : more;
}

// --- docker's format ---

static void report(void *context, pid_t pid)
{
	const struct loading *l = context;
	uint64_t at;

	if (skopeo_position(pid, strrchr(l->file, '/') + 1, &at))
		job_report_bytes(l->job, at < l->size ? at : l->size, l->size, "loading");
}

static int convert(struct loading *l, size_t number, const json_t *row, struct err *e)
{
	auto_free char *doing = mem_printf("load '%s'", l->file), *out = mem_printf("%s/out-%zu", l->stage, number);
	const struct skopeo run = {l->store, doing, l->job, report, l};
	const json_t *tags = json_object_get(row, "RepoTags");
	auto_strv argv = {0};

	strv_add(&argv, "copy");
	strv_add(&argv, "--quiet");
	strv_add(&argv, "--dest-shared-blob-dir");
	strv_add(&argv, SKOPEO_STORE "/blobs");
	strv_addf(&argv, "docker-archive:" SKOPEO_STORE "/%s/archive:@%zu", l->stage, number);
	strv_addf(&argv, "oci:" SKOPEO_STORE "/%s:" SKOPEO_IMAGE, out);
	int r = skopeo_run(&run, &argv, e);
	auto_json descriptor = r < 0 ? NULL : skopeo_written(l->store, out, doing, e);
	r = r < 0 ? r : descriptor ? 0 : -e->code;
	for (size_t i = 0; r == 0 && i < json_array_size(tags); i++)
		r = add_found(l, descriptor, json_string_value(json_array_get(tags, i)), e);
	return r == 0 && !json_array_size(tags) ? add_found(l, descriptor, NULL, e) : r;
}

static int load_docker(struct loading *l, struct err *e)
{
	size_t i;
	json_t *row;
	int r = symlinkat(l->file, l->dir, "archive") < 0 ? err_set(e, errno, "cannot write to the store") : 0;

	json_array_foreach (l->docker, i, row)
		if (r == 0)
			r = convert(l, i, row, e);
	return r < 0 ? r : publish(l, e);
}

// --- all kinds ---

static int load_archive(struct loading *l, struct err *e)
{
	int r = read_archive(l, e);

	if (r < 0)
		return err_wrap(e, "cannot load '%s'", l->file);
	if (json_object_get(l->index, "manifests"))
		return load_layout(l, "oci-archive", l->store->images, l->index, e);
	if (json_is_array(l->docker))
		return load_docker(l, e);
	return err_msg(e, EINVAL, "cannot load '%s': it contains neither index.json nor manifest.json (for a root file "
	                          "system, use 'hostel import')", l->file);
}

static int load_directory(struct loading *l, struct err *e)
{
	size_t left = LAYOUT_READ_MAX;
	const struct layout from = {.path = l->file, .fd = l->fd, .left = &left};
	auto_json index = NULL;

	if (faccessat(l->fd, "index.json", F_OK, AT_SYMLINK_NOFOLLOW) < 0)
		return foreign_explain(l->file, e);
	int r = layout_read_index(&from, &index, e);
	return r < 0 ? r : load_layout(l, "oci", l->fd, index, e);
}

static int make_directories(const struct loading *l, struct err *e)
{
	const int at[] = {l->dir, l->store->images};
	static const char *const names[] = {"blobs", "blobs/sha256"};

	for (size_t i = 0; i < ARRAY_SIZE(at) * ARRAY_SIZE(names); i++)
		if (mkdirat(at[i / 2], names[i % 2], 0755) < 0 && errno != EEXIST)
			return err_set(e, errno, "cannot write to the store");
	return 0;
}

static int load(struct loading *l, struct err *e)
{
	struct stat st;

	l->dir = store_stage_make(l->store, &l->stage, e);
	if (l->dir < 0)
		return l->dir;
	l->fd = open(l->file, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (l->fd < 0 || fstat(l->fd, &st) < 0)
		return err_set(e, errno, "cannot open '%s'", l->file);
	if (!S_ISDIR(st.st_mode) && !S_ISREG(st.st_mode))
		return err_msg(e, EINVAL, "cannot load '%s': neither a regular file nor a directory", l->file);
	l->size = (uint64_t)st.st_size;
	int r = make_directories(l, e);
	return r < 0 ? r : S_ISDIR(st.st_mode) ? load_directory(l, e) : load_archive(l, e);
}

int archive_load(const struct store *s, const char *file, const struct job *job, struct strv *loaded, struct err *e)
{
	struct loading l = {.store = s, .file = file, .job = job, .fd = -1, .dir = -1, .loaded = loaded,
	                    .found = json_array()};
	auto_close int lock = stored_hold(s, e);
	int r = lock < 0 ? lock : load(&l, e);

	if (l.stage)
		store_stage_discard(s, l.stage);
	auto_close_run(&l.fd);
	auto_close_run(&l.dir);
	json_decref(l.index);
	json_decref(l.docker);
	json_decref(l.found);
	free(l.stage);
	return r;
}
