// Queries qemu-img for the files that images refer to. Only changed images are queried again.
#include "images.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "chain.h"
#include "content.h"
#include "sys/proc.h"

enum { CHAINS_MAX = 4096 };

// --- cache ---

static void chain_done(struct chain *c)
{
	free(c->path);
	free(c->format);
	free(c->json);
}

static void image_cache_clear(struct image_cache *cache)
{
	for (size_t i = 0; i < cache->count; i++)
		chain_done(&cache->items[i]);
	free(cache->items);
	cache->items = NULL;
	cache->count = 0;
}

void image_cache_init(struct image_cache *cache)
{
	*cache = (struct image_cache){0};
	pthread_mutex_init(&cache->lock, NULL);
}

void image_cache_done(struct image_cache *cache)
{
	image_cache_clear(cache);
	pthread_mutex_destroy(&cache->lock);
}

static bool chain_is_of(const struct chain *c, const char *path, const char *format)
{
	return strcmp(c->path, path) == 0 && strcmp(c->format, format) == 0;
}

static bool is_same_time(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

static char *cache_find(struct image_cache *cache, const char *path, const char *format, const struct stat *st)
{
	char *json = NULL;

	pthread_mutex_lock(&cache->lock);
	for (size_t i = 0; i < cache->count && !json; i++) {
		const struct chain *c = &cache->items[i];

		if (chain_is_of(c, path, format) && c->device == st->st_dev && c->inode == st->st_ino &&
		    is_same_time(&c->written, &st->st_mtim) && is_same_time(&c->changed, &st->st_ctim))
			json = mem_strdup(c->json);
	}
	pthread_mutex_unlock(&cache->lock);
	return json;
}

static void cache_keep(struct image_cache *cache, const char *path, const char *format, const struct stat *st,
                       const char *json)
{
	pthread_mutex_lock(&cache->lock);
	if (cache->count == CHAINS_MAX)
		image_cache_clear(cache);
	for (size_t i = 0; i < cache->count; i++)
		if (chain_is_of(&cache->items[i], path, format)) {
			chain_done(&cache->items[i]);
			cache->items[i--] = cache->items[--cache->count];
		}
	cache->items = mem_resize(cache->items, cache->count + 1, sizeof(*cache->items));
	cache->items[cache->count++] = (struct chain){
		.path = mem_strdup(path),
		.format = mem_strdup(format),
		.device = st->st_dev,
		.inode = st->st_ino,
		.written = st->st_mtim,
		.changed = st->st_ctim,
		.json = mem_strdup(json),
	};
	pthread_mutex_unlock(&cache->lock);
}

// --- queries ---

// Returns a descriptor or negative errno.
static int open_image(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode) && !S_ISBLK(st.st_mode)) // opening other types may hang or have side effects
		return -EINVAL;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	return fd < 0 ? -errno : fd;
}

ssize_t image_head(const char *path, char head[IMAGE_HEAD])
{
	auto_close int fd = open_image(path);
	ssize_t n = fd < 0 ? fd : pread(fd, head, IMAGE_HEAD, 0);

	return fd >= 0 && n < 0 ? -errno : n;
}

int content_read(struct content *c, const char *path)
{
	auto_close int fd = open_image(path);
	auto_free char *head = mem_new(CONTENT_HEAD);
	char tail[CONTENT_TAIL];

	if (fd < 0)
		return fd;
	ssize_t n = pread(fd, head, CONTENT_HEAD, 0);
	off_t end = n < 0 ? -1 : lseek(fd, 0, SEEK_END);
	ssize_t m = end < 0 ? -1 : pread(fd, tail, sizeof(tail), end < CONTENT_TAIL ? 0 : end - CONTENT_TAIL);
	if (m < 0)
		return -errno;
	*c =
	    content_of(&(struct content_bytes){.head = head, .tail = tail, .length = (size_t)n, .tail_length = (size_t)m});
	return 0;
}

// With the credentials of the image's owner, who could name any file in it for QEMU to open.
static int qemu_img_info(const char *path, const char *format, struct account as, struct str *json, struct err *e)
{
	auto_free char *user = mem_printf("--reuid=%u", (unsigned)as.user);
	auto_free char *group = mem_printf("--regid=%u", (unsigned)as.group);
	const char *const argv[] = {"setpriv",
	                            user,
	                            group,
	                            "--clear-groups",
	                            "--",
	                            "qemu-img",
	                            "info",
	                            "--force-share",
	                            "--output=json",
	                            "-f",
	                            format,
	                            "--",
	                            path,
	                            NULL};
	int r = proc_run(argv + (as.user ? 0 : 5), NULL, json, 20 * SECOND, e);

	if (r == -ENOENT)
		return err_msg(e, ENOENT, "qemu-img is not installed (install qemu-utils)");
	return r > 0 ? -EIO : r;
}

int image_refs_read(struct image_cache *cache, struct image_refs *refs, const char *path, const char *format,
                    struct account as, struct err *e)
{
	char head[IMAGE_HEAD];
	struct stat st;
	auto_str out = {0};
	ssize_t n = image_head(path, head);

	if (n < 0 || stat(path, &st) < 0)
		return err_set(e, n < 0 ? (int)-n : errno, "cannot read '%s'", path);
	format = format ? content_qemu_format(format) : image_format(head, (size_t)n);
	// avoids starting a process for each of many guests
	if (strcmp(format, "raw") == 0 || (strcmp(format, "qcow2") == 0 && image_is_alone(head, (size_t)n)))
		return 0;
	if (image_has_hidden_parent(head, (size_t)n))
		return err_msg(e, EOPNOTSUPP, "'%s' is a differencing VHD: QEMU cannot read its parent", path);
	auto_free char *real = realpath(path, NULL);
	auto_free char *known = cache_find(cache, path, format, &st);
	int r = known ? 0 : qemu_img_info(path, format, as, &out, e);
	if (r == 0)
		r = image_refs_parse(refs, known ? known : str_text(&out), path, real, e);
	if (r == 0 && !known)
		cache_keep(cache, path, format, &st, str_text(&out));
	return r;
}
