// Writing archives of images: see archive.h. One file is both: an OCI image layout, and what "docker save" writes.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive.h"
#include "base/mem.h"
#include "blob.h"
#include "choose.h"
#include "digest.h"
#include "layout.h"
#include "stored.h"
#include "tar.h"

enum { BLOCK = 256 * 1024 };

// The file being written: without a name, if the file system supports that, so that nothing is left behind.
struct target {
	int dir, fd;
	char *name, *part; // part: NULL: it has no name yet
};

struct saving {
	const struct store *store;
	const struct job *job;
	json_t *digests; // keys: the blobs
	struct target target;
	struct archive *archive;
	struct archive_entry *entry;
	uint64_t done, total;
	int error; // errno of a failed write
};

// --- the file ---

static int open_target(struct target *t, const char *file, const struct job *job, struct err *e)
{
	const char *slash = strrchr(file, '/');
	auto_free char *directory = mem_strndup(file, slash == file ? 1 : (size_t)(slash - file));
	struct stat st;

	t->name = mem_strdup(slash + 1);
	t->dir = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (t->dir < 0)
		return err_set(e, errno, "cannot open '%s'", directory);
	if (fstatat(t->dir, t->name, &st, AT_SYMLINK_NOFOLLOW) == 0 && !S_ISREG(st.st_mode))
		return err_msg(e, EINVAL, "cannot write '%s': it is not a regular file", file);
	t->fd = openat(t->dir, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666);
	if (t->fd < 0) {
		t->part = mem_printf(".%s.part.%ld", t->name, (long)getpid());
		t->fd = openat(t->dir, t->part, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
		auto_free char *path = mem_printf("%s/%s", directory, t->part);
		job_makes(job, path);
	}
	return t->fd < 0 ? err_set(e, errno, "cannot write '%s'", file) : 0;
}

static int name_target(struct target *t, const char *file, struct err *e)
{
	auto_free char *self = mem_printf("/proc/self/fd/%d", t->fd);

	if (!t->part && linkat(AT_FDCWD, self, t->dir, t->name, AT_SYMLINK_FOLLOW) == 0)
		return 0;
	if (!t->part) { // it replaces another file
		auto_free char *part = mem_printf(".%s.part.%ld", t->name, (long)getpid());
		if (linkat(AT_FDCWD, self, t->dir, part, AT_SYMLINK_FOLLOW) < 0)
			return err_set(e, errno, "cannot write '%s'", file);
		t->part = steal(part);
	}
	if (renameat(t->dir, t->part, t->dir, t->name) < 0)
		return err_set(e, errno, "cannot write '%s'", file);
	free(steal(t->part));
	return 0;
}

static void target_done(struct target *t)
{
	if (t->part && t->fd >= 0)
		unlinkat(t->dir, t->part, 0);
	auto_close_run(&t->fd);
	auto_close_run(&t->dir);
	free(t->name);
	free(t->part);
}

// --- the archive ---

static la_ssize_t write_out(struct archive *a, void *context, const void *bytes, size_t n)
{
	struct saving *s = context;
	ssize_t written = write(s->target.fd, bytes, n);

	(void)a;
	if (written < 0)
		s->error = errno;
	return written;
}

static int failed(const struct saving *s, struct err *e)
{
	return s->error ? err_set(e, s->error, "cannot write '%s'", s->target.name)
	                : err_msg(e, EIO, "cannot write '%s': %s", s->target.name, la.error_string(s->archive));
}

static int open_archive(struct saving *s, struct err *e)
{
	if (tar_load(e) < 0)
		return -e->code;
	s->archive = la.write_new();
	s->entry = la.entry_new();
	la.write_set_format_pax_restricted(s->archive);
	return la.write_open(s->archive, s, NULL, write_out, NULL) == ARCHIVE_OK ? 0 : failed(s, e);
}

// The time is always the same, so that the same images give the same file.
static int add_header(struct saving *s, const char *name, bool directory, uint64_t size, struct err *e)
{
	la.entry_clear(s->entry);
	la.entry_copy_pathname(s->entry, name);
	la.entry_set_filetype(s->entry, directory ? AE_IFDIR : AE_IFREG);
	la.entry_set_perm(s->entry, directory ? 0755 : 0644);
	la.entry_set_mtime(s->entry, 0, 0);
	la.entry_set_size(s->entry, (int64_t)size);
	return la.write_header(s->archive, s->entry) == ARCHIVE_OK ? 0 : failed(s, e);
}

static int add_text(struct saving *s, const char *name, const char *text, struct err *e)
{
	int r = add_header(s, name, false, strlen(text), e);

	return r == 0 && la.write_data(s->archive, text, strlen(text)) < 0 ? failed(s, e) : r;
}

static int add_json(struct saving *s, const char *name, const json_t *value, struct err *e)
{
	auto_free char *text = json_dumps(value, 0);

	return text ? add_text(s, name, text, e) : err_set(e, ENOMEM, "cannot write '%s'", name);
}

// A damaged blob is never saved.
static int copy_blob(struct saving *s, struct blob *b, struct err *e)
{
	auto_free char *buffer = mem_new(BLOCK);
	ssize_t n;

	while ((n = blob_read(b, buffer, BLOCK, e)) > 0) {
		if (job_is_cancelled(s->job))
			return err_msg(e, ECANCELED, "cancelled");
		if (la.write_data(s->archive, buffer, (size_t)n) < 0)
			return failed(s, e);
		s->done += (uint64_t)n;
		job_report_bytes(s->job, s->done, s->total, "saving");
	}
	return n < 0 ? (int)n : blob_check(b, e);
}

static int add_blob(struct saving *s, const char *digest, struct err *e)
{
	auto_blob b = {.fd = -1};
	auto_free char *name = mem_printf("blobs/sha256/%s", digest + strlen("sha256:"));
	int r = blob_open(&b, s->store->images, digest, BLOB_SIZE_UNKNOWN, e);

	if (r == -ENOENT) // of another platform
		return 0;
	if (r == 0)
		r = add_header(s, name, false, b.size, e);
	return r < 0 ? r : copy_blob(s, &b, e);
}

static int add_blobs(struct saving *s, struct err *e)
{
	const char *digest;
	json_t *value;
	int r = add_header(s, "blobs/", true, 0, e);

	if (r == 0)
		r = add_header(s, "blobs/sha256/", true, 0, e);
	json_object_foreach (s->digests, digest, value)
		if (r == 0)
			r = add_blob(s, digest, e);
	return r;
}

// --- contents ---

// Names as OCI's tools and as containerd looks for them.
static json_t *index_of(const json_t *descriptors)
{
	json_t *manifests = json_array(), *one;
	size_t i;

	json_array_foreach (descriptors, i, one) {
		json_t *copy = json_deep_copy(one);
		const char *name = stored_name(one);
		if (name)
			json_object_set_new(json_object_get(copy, "annotations"), "io.containerd.image.name", json_string(name));
		json_array_append_new(manifests, copy);
	}
	return json_pack("{s:i, s:s, s:o}", "schemaVersion", 2, "mediaType", "application/vnd.oci.image.index.v1+json",
	                 "manifests", manifests);
}

static json_t *blob_path(const json_t *descriptor)
{
	const char *hex = digest_hex(layout_text(descriptor, "digest"));

	return json_sprintf("blobs/sha256/%s", hex ? hex : "");
}

// The row of docker's manifest.json for an image; names with a digest are not for it.
static int add_docker_row(const struct saving *s, json_t *rows, const json_t *descriptor, struct err *e)
{
	auto_free char *path = stored_path(s->store), *ref = mem_printf("@%s", layout_text(descriptor, "digest"));
	size_t left = LAYOUT_READ_MAX, i;
	const struct layout l = {.path = path, .fd = s->store->images, .left = &left};
	auto_free char *digest = NULL;
	auto_json manifest = NULL;
	auto_json config = NULL;
	const char *name = stored_name(descriptor);
	json_t *layers = json_array(), *tags = json_array(), *layer;
	int r = choose_image(&l, ref, &manifest, &config, &digest, e);

	json_array_foreach (json_object_get(manifest, "layers"), i, layer)
		json_array_append_new(layers, blob_path(layer));
	if (name && !strchr(name, '@'))
		json_array_append_new(tags, json_string(name));
	json_array_append_new(rows, json_pack("{s:o, s:o, s:o}", "Config", blob_path(json_object_get(manifest, "config")),
	                                      "RepoTags", tags, "Layers", layers));
	return r;
}

static int add_docker(struct saving *s, const json_t *descriptors, struct err *e)
{
	auto_json rows = json_array();
	size_t i;
	json_t *one;
	int r = 0;

	json_array_foreach (descriptors, i, one)
		if (r == 0)
			r = add_docker_row(s, rows, one, e);
	return r < 0 ? r : add_json(s, "manifest.json", rows, e);
}

static int find_blobs(struct saving *s, const json_t *descriptors, struct err *e)
{
	size_t i;
	const char *digest;
	json_t *one;
	int r = 0;

	json_array_foreach (descriptors, i, one)
		if (r == 0)
			r = stored_mark(s->store, one, s->digests, e);
	json_object_foreach (s->digests, digest, one)
		s->total += stored_blob_size(s->store, digest);
	return r;
}

static int write_all(struct saving *s, const json_t *descriptors, bool docker, struct err *e)
{
	auto_json index = index_of(descriptors);
	int r = find_blobs(s, descriptors, e);

	r = r < 0 ? r : open_archive(s, e);
	r = r < 0 ? r : add_text(s, "oci-layout", "{\"imageLayoutVersion\": \"1.0.0\"}\n", e);
	r = r < 0 ? r : add_json(s, "index.json", index, e);
	if (r == 0 && docker)
		r = add_docker(s, descriptors, e);
	if (r == 0)
		r = add_blobs(s, e);
	if (r == 0 && la.write_close(s->archive) != ARCHIVE_OK)
		r = failed(s, e);
	return r == 0 && fsync(s->target.fd) < 0 ? err_set(e, errno, "cannot write '%s'", s->target.name) : r;
}

int archive_save(const struct store *s, const json_t *descriptors, const char *file, bool docker,
                 const struct job *job, struct err *e)
{
	struct saving saving = {.store = s, .job = job, .digests = json_object(), .target = {-1, -1, NULL, NULL}};
	auto_close int lock = stored_hold(s, e); // the blobs stay
	int r = lock < 0 ? lock : open_target(&saving.target, file, job, e);

	r = r < 0 ? r : write_all(&saving, descriptors, docker, e);
	r = r < 0 ? r : name_target(&saving.target, file, e);
	if (saving.archive) {
		la.write_fail(saving.archive);
		la.write_free(saving.archive);
		la.entry_free(saving.entry);
	}
	target_done(&saving.target);
	json_decref(saving.digests);
	return r;
}
