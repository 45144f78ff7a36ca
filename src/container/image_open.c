// Image references, found and opened: see container/image.h. Must not know how a layer is packed.
#include "container/image.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"

static int open_host(struct image *image, const struct store *store, char *rest, const struct job *job, struct err *e)
{
	(void)store, (void)rest, (void)job, (void)e;
	strv_add(&image->lowers, "/");
	return 0;
}

static int open_directory(struct image *image, const struct store *store, char *rest, const struct job *job, struct err *e)
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

// The last ':' parts path and tag, unless what follows it is a path.
static int open_layout(struct image *image, const struct store *store, char *rest, const struct job *job, struct err *e)
{
	char *colon = strrchr(rest, ':');

	if (colon && strchr(colon, '/'))
		colon = NULL;
	if (colon)
		*colon = '\0';
	if (rest[0] != '/')
		return err_msg(e, EINVAL, "image 'oci:%s': the path must be absolute", rest);
	return image_open_layout(image, store, rest, colon ? colon + 1 : NULL, job, e);
}

static const struct {
	const char *prefix;
	int (*open)(struct image *image, const struct store *store, char *rest, const struct job *job, struct err *e);
} sources[] = {
	{"host", open_host},
	{"dir:", open_directory},
	{"oci:", open_layout},
};

int image_open(struct image *image, const struct store *store, const char *reference, const struct job *job, struct err *e)
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
	return err_msg(e, EINVAL, "there is no image '%s' (images are: host, dir:PATH, oci:PATH[:TAG])", reference);
}
