// Image references, found and opened: see open.h.
#include "open.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "container/store/image.h"
#include "container/store/store.h"
#include "digest.h"
#include "name.h"
#include "oci.h"
#include "pull.h"
#include "short_name.h"
#include "stored.h"

// What all kinds of references are opened with.
struct opening {
	struct image *image;
	const struct store *store;
	const struct image_options *options;
	const struct job *job;
};

static int open_host(const struct opening *o, const char *rest, struct err *e)
{
	(void)rest, (void)e;
	strv_add(&o->image->lowers, "/");
	return 0;
}

static int open_directory(const struct opening *o, const char *rest, struct err *e)
{
	auto_free char *path = realpath(rest, NULL);
	struct stat st;

	if (rest[0] != '/')
		return err_msg(e, EINVAL, "image 'dir:%s': the path must be absolute", rest);
	if (!path || stat(path, &st) < 0)
		return err_set(e, errno, "image 'dir:%s'", rest);
	if (!S_ISDIR(st.st_mode))
		return err_msg(e, ENOTDIR, "image 'dir:%s': is not a directory", rest);
	strv_add(&o->image->lowers, path);
	return 0;
}

// Whether the first N bytes of TEXT name a directory with FILE in it.
static bool directory_holds(const char *text, size_t n, const char *file)
{
	auto_free char *path = mem_printf("%.*s/%s", (int)n, text, file);

	return access(path, F_OK) == 0;
}

// Where the path ends: both it and the name of an image may hold ':', so the longest path with an index counts, then
// the longest that exists.
static size_t path_length(const char *text)
{
	static const char *const files[] = {"index.json", "oci-layout", ".", ""};
	size_t whole = strlen(text);

	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		for (size_t n = whole; n > 0; n--) {
			bool end = !text[n] || text[n] == ':' || (text[n] == '@' && str_starts(text + n, "@sha256:"));
			if (end && (*files[i] ? directory_holds(text, n, files[i])
			                      : n < whole && text[n] == ':' && !strchr(text + n, '/')))
				return n;
		}
	return whole;
}

char *image_layout_path(const char *reference)
{
	static const char prefix[] = "oci:";
	const char *rest = str_starts(reference, prefix) ? reference + strlen(prefix) : NULL;

	return rest ? mem_strndup(rest, path_length(rest)) : NULL;
}

// A name, a tag or a digest behind a path of N bytes, NULL: none.
static const char *name_after(const char *rest, size_t n)
{
	const char *name = rest[n] == ':' ? rest + n + 1 : rest + n;

	return *name ? name : NULL;
}

static int open_layout(const struct opening *o, const char *rest, struct err *e)
{
	size_t n = path_length(rest);
	auto_free char *path = mem_strndup(rest, n);

	if (rest[0] != '/')
		return err_msg(e, EINVAL, "image 'oci:%s': the path must be absolute", rest);
	return image_open_layout(o->image, o->store, path, name_after(rest, n), o->job, e);
}

// --- images of the store ---

static int open_stored(const struct opening *o, const char *digest, struct err *e)
{
	auto_free char *path = stored_path(o->store), *ref = mem_printf("@%s", digest);

	return image_open_layout(o->image, o->store, path, ref, o->job, e);
}

static int open_digest(const struct opening *o, const char *rest, struct err *e)
{
	auto_free char *digest = mem_printf("sha256:%s", rest);

	return digest_hex(digest) ? open_stored(o, digest, e)
	                          : err_msg(e, EINVAL, "invalid image 'sha256:%s' (64 hexadecimal digits)", rest);
}

static int pull_and_open(const struct opening *o, const char *name, struct err *e)
{
	int r = image_pull(o->store, name, o->options->platform, o->job, e);
	auto_free char *digest = r < 0 ? NULL : stored_find(o->store, name);

	if (r == 0 && !digest)
		r = err_msg(e, ENOENT, "image '%s' was removed while it was pulled", name);
	return r < 0 ? r : open_stored(o, digest, e);
}

// A damaged blob in the store is dropped and pulled once more.
static int open_or_repair(const struct opening *o, const char *name, const char *digest, struct err *e)
{
	int r = open_stored(o, digest, e);

	if (r != -EBADMSG || o->options->pull == PULL_NEVER || stored_drop_damaged(o->store, digest) == 0)
		return r;
	job_note(o->job, e->text);
	image_done(o->image);
	o->image->reference = mem_strdup(name);
	return pull_and_open(o, name, e);
}

static int open_named(const struct opening *o, const char *text, struct err *e)
{
	int r = image_name_check(text, e);
	auto_free char *name = r < 0 ? NULL : short_name_resolve(o->store, text, e);
	auto_free char *digest = name && o->options->pull != PULL_ALWAYS ? stored_find(o->store, name) : NULL;

	if (!name)
		return -e->code;
	free(o->image->reference);
	o->image->reference = mem_strdup(name);
	if (digest)
		return open_or_repair(o, name, digest, e);
	if (o->options->pull == PULL_NEVER)
		return err_msg(e, ENOENT, "image '%s' is not in the store (pull it with 'hostel pull %s')", name, text);
	return pull_and_open(o, name, e);
}

// A transport of other programs, or a path.
static int refuse_foreign(const char *reference, struct err *e)
{
	const char *transport = strstr(reference, ":/") || str_starts(reference, "containers-storage:") ? reference : NULL;

	if (reference[0] == '/' || reference[0] == '.')
		return err_msg(e, EINVAL,
		               "invalid image '%s' (for a root file system dir:PATH, for an image layout oci:PATH[:TAG])",
		               reference);
	return transport ? err_msg(e, EINVAL, "invalid image '%s' (copy it with 'skopeo copy %s oci:PATH:TAG')", reference,
	                           reference)
	                 : 0;
}

// Whether the image DIGEST of the store would be unpacked.
static bool stored_lacks_layers(const struct store *store, const char *digest)
{
	auto_free char *path = stored_path(store), *ref = mem_printf("@%s", digest);

	return image_layout_lacks_layers(store, path, ref);
}

static bool layout_lacks_layers(const struct store *store, const char *rest, const struct image_options *options)
{
	size_t n = path_length(rest);
	auto_free char *path = mem_strndup(rest, n);

	(void)options;
	return *path == '/' && image_layout_lacks_layers(store, path, name_after(rest, n));
}

static bool digest_lacks_layers(const struct store *store, const char *rest, const struct image_options *options)
{
	auto_free char *digest = mem_printf("sha256:%s", rest);

	(void)options;
	return digest_hex(digest) && stored_lacks_layers(store, digest);
}

static bool named_lacks_layers(const struct store *store, const char *text, const struct image_options *options)
{
	struct err ignored;
	bool valid = refuse_foreign(text, &ignored) == 0 && image_name_check(text, &ignored) == 0;
	auto_free char *name = valid ? short_name_resolve(store, text, &ignored) : NULL;
	auto_free char *digest = name ? stored_find(store, name) : NULL;

	if (!name)
		return false;
	return options->pull == PULL_ALWAYS || (digest ? stored_lacks_layers(store, digest) : options->pull != PULL_NEVER);
}

static const struct source {
	const char *prefix; // "": any
	int (*open)(const struct opening *o, const char *rest, struct err *e);
	bool (*lacks_layers)(const struct store *store, const char *rest, const struct image_options *options); // NULL: no
} sources[] = {
	{"host", open_host, NULL},
	{"dir:", open_directory, NULL},
	{"oci:", open_layout, layout_lacks_layers},
	{"sha256:", open_digest, digest_lacks_layers},
	{"", open_named, named_lacks_layers},
};

// What follows PREFIX in REFERENCE, NULL: it does not fit.
static const char *rest_of(const char *reference, const char *prefix)
{
	bool is_word = *prefix && !str_ends(prefix, ":");
	bool fits = is_word ? str_equal(reference, prefix) : str_starts(reference, prefix);

	return fits ? reference + strlen(prefix) : NULL;
}

// The source that REFERENCE names; *REST is what follows its prefix.
static const struct source *source_of(const char *reference, const char **rest)
{
	const struct source *s = sources;

	while (!(*rest = rest_of(reference, s->prefix)))
		s++;
	return s;
}

bool image_lacks_layers(const struct store *store, const char *reference, const struct image_options *options)
{
	const char *rest;
	const struct source *source = source_of(reference, &rest);

	return source->lacks_layers && source->lacks_layers(store, rest, options);
}

int image_open(struct image *image, const struct store *store, const char *reference,
               const struct image_options *options, const struct job *job, struct err *e)
{
	const struct opening o = {image, store, options, job};
	const char *rest;
	const struct source *source = source_of(reference, &rest);

	*image = (struct image){.reference = mem_strdup(reference)};
	int r = *source->prefix ? 0 : refuse_foreign(reference, e);
	if (r == 0)
		r = source->open(&o, rest, e);
	if (r < 0)
		image_done(image);
	return r;
}
