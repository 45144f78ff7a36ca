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
#include "oci.h"

static int open_host(struct image *image, const struct store *store, char *rest, const struct job *job, struct err *e)
{
	(void)store, (void)rest, (void)job, (void)e;
	strv_add(&image->lowers, "/");
	return 0;
}

static int open_directory(struct image *image, const struct store *store, char *rest, const struct job *job,
                          struct err *e)
{
	auto_free char *path = realpath(rest, NULL);
	struct stat st;

	(void)store, (void)job;
	if (rest[0] != '/')
		return err_msg(e, EINVAL, "image 'dir:%s': the path must be absolute", rest);
	if (!path || stat(path, &st) < 0)
		return err_set(e, errno, "image 'dir:%s'", rest);
	if (!S_ISDIR(st.st_mode))
		return err_msg(e, ENOTDIR, "image 'dir:%s': is not a directory", rest);
	strv_add(&image->lowers, path);
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

bool image_lacks_layers(const struct store *store, const char *reference)
{
	auto_free char *path = image_layout_path(reference);
	const char *rest = reference + strlen("oci:");

	return path && *path == '/' && image_layout_lacks_layers(store, path, name_after(rest, strlen(path)));
}

static int open_layout(struct image *image, const struct store *store, char *rest, const struct job *job,
                       struct err *e)
{
	size_t n = path_length(rest);
	auto_free char *path = mem_strndup(rest, n);

	if (rest[0] != '/')
		return err_msg(e, EINVAL, "image 'oci:%s': the path must be absolute", rest);
	return image_open_layout(image, store, path, name_after(rest, n), job, e);
}

static const struct {
	const char *prefix;
	int (*open)(struct image *image, const struct store *store, char *rest, const struct job *job, struct err *e);
} sources[] = {
	{"host", open_host},
	{"dir:", open_directory},
	{"oci:", open_layout},
};

int image_open(struct image *image, const struct store *store, const char *reference, const struct job *job,
               struct err *e)
{
	for (size_t i = 0; i < ARRAY_SIZE(sources); i++) {
		size_t n = strlen(sources[i].prefix);
		bool prefix = sources[i].prefix[n - 1] == ':';
		if (prefix ? strncmp(reference, sources[i].prefix, n) != 0 : strcmp(reference, sources[i].prefix) != 0)
			continue;
		auto_free char *rest = mem_strdup(reference + n);
		*image = (struct image){.reference = mem_strdup(reference)};
		int r = sources[i].open(image, store, rest, job, e);
		if (r < 0)
			image_done(image);
		return r;
	}
	if (reference[0] == '/' || reference[0] == '.')
		return err_msg(e, EINVAL, "no image '%s' (images are: host, dir:PATH, oci:PATH[:TAG])", reference);
	const char *transport = strstr(reference, ":/") || str_starts(reference, "containers-storage:") ? "" : "docker://";
	return err_msg(
	    e, EINVAL,
	    "no image '%s' (images are: host, dir:PATH, oci:PATH[:TAG]; to fetch it: skopeo copy %s%s "
	    "oci:PATH:TAG)",
	    reference, transport, reference);
}
