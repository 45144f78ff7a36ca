// Queries qemu-img for the files that images refer to, and caches the results until the images change.
#pragma once

#include <pthread.h>
#include <stddef.h>
#include <sys/types.h>
#include <time.h>

#include "base/err.h"
#include "chain.h"
#include "content.h"

// Cached output of qemu-img for an image.
struct chain {
	char *path, *format;
	dev_t device;
	ino_t inode;
	struct timespec written, changed;
	char *json;
};

struct image_cache {
	pthread_mutex_t lock; // protects the rest
	struct chain *items;
	size_t count;
};

void image_cache_init(struct image_cache *cache);
void image_cache_done(struct image_cache *cache);
// Credentials used to examine a user's images; zeroed: those of the caller.
struct account {
	uid_t user;
	gid_t group;
};
// Adds the files that the image at PATH refers to. FORMAT NULL: probed. Returns 0 or negative errno.
int image_refs_read(struct image_cache *cache, struct image_refs *refs, const char *path, const char *format,
                    struct account as, struct err *e);
// Reads the first bytes of a regular file or block device. Returns their number or negative errno.
ssize_t image_head(const char *path, char head[IMAGE_HEAD]);
// Identifies the content of the file or block device at PATH. Returns 0 or negative errno.
int content_read(struct content *c, const char *path);
