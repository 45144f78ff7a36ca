// Garbage collection of blobs and layers: see collect.h.
#include "collect.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "digest.h"
#include "container/store/tree.h"
#include "layout.h"
#include "stored.h"
#include "sys/fs.h"

int collect_lock(const struct store *s, struct err *e)
{
	int lock = store_lock(s->images, STORED_BLOBS_LOCK, false);

	if (lock == -EWOULDBLOCK)
		return err_msg(e, EBUSY, "an image is being pulled or unpacked: try again when that is done (see 'hostel job "
		                         "ls')");
	return lock < 0 ? err_set(e, -lock, "cannot lock the images of the store '%s'", s->path) : lock;
}

// Adds the blobs of the remaining images to DIGESTS.
static int mark_images(const struct collection *c, json_t *digests, struct err *e)
{
	size_t i;
	json_t *descriptor;
	int r = 0;

	json_array_foreach (json_object_get(c->index, "manifests"), i, descriptor)
		if (r == 0)
			r = stored_mark(c->store, descriptor, digests, e);
	return r < 0 ? err_hint(e, "nothing was removed; remove the damaged image with 'hostel image rm'") : 0;
}

static bool may_remove(const struct collection *c, const json_t *used, const char *digest)
{
	return !json_object_get(used, digest) && (!c->only || json_object_get(c->only, digest));
}

// --- blobs ---

static void collect_blob(const struct collection *c, const json_t *used, int dir, const char *name, struct garbage *g)
{
	auto_free char *digest = mem_printf("sha256:%s", name);
	struct stat st;

	if (!digest_hex(digest) || !may_remove(c, used, digest) || fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
	    (!c->look && unlinkat(dir, name, 0) < 0))
		return;
	g->blobs++;
	g->blob_bytes += (uint64_t)st.st_blocks * 512;
}

static void collect_blobs(const struct collection *c, const json_t *used, struct garbage *g)
{
	DIR *dir = fs_open_directory(c->store->images, "blobs/sha256");
	struct dirent *entry;

	if (!dir)
		return;
	while ((entry = readdir(dir)))
		collect_blob(c, used, dirfd(dir), entry->d_name, g);
	closedir(dir);
}

// --- layers ---

static uint64_t layer_bytes(int layers, const char *name)
{
	auto_close int fd = openat(layers, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	uint64_t bytes = 0;

	tree_size(fd, &bytes);
	return bytes;
}

// Whether a container uses the layer NAME, whatever path its store was opened by.
static bool is_lower(const struct records *records, const char *name)
{
	for (size_t i = 0; i < records->count; i++)
		for (size_t j = 0; j < records->items[i].image.lowers.count; j++) {
			const char *lower = records->items[i].image.lowers.items[j], *slash = strrchr(lower, '/');
			if (str_equal(slash ? slash + 1 : lower, name))
				return true;
		}
	return false;
}

// The name of a layer begins with the digits of its blob's digest.
static void collect_layer(const struct collection *c, const json_t *used, const char *name, struct garbage *g)
{
	auto_free char *digest = mem_printf("sha256:%.*s", DIGEST_HEX, name);
	struct err ignored;

	if (!digest_hex(digest) || !may_remove(c, used, digest) || is_lower(c->records, name))
		return;
	uint64_t bytes = layer_bytes(c->store->layers, name);
	if (!c->look && store_layer_remove(c->store, name, &ignored) < 0)
		return;
	g->layers++;
	g->layer_bytes += bytes;
}

int collect(const struct collection *c, struct garbage *g, struct err *e)
{
	auto_json used = json_object();
	auto_strv layers = {0};
	int r = mark_images(c, used, e);

	*g = (struct garbage){0};
	if (r < 0)
		return r;
	store_layers(c->store, &layers);
	for (size_t i = 0; i < layers.count; i++)
		collect_layer(c, used, layers.items[i], g);
	collect_blobs(c, used, g);
	return 0;
}
