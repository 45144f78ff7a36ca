// Asking qemu-img what images refer to. Its answers are kept for as long as the images do not change.
#pragma once

#include <pthread.h>
#include <stddef.h>
#include <sys/types.h>
#include <time.h>

#include "base/err.h"
#include "chain.h"
#include "content.h"

// What qemu-img said about an image.
struct chain {
	char *path, *format;
	dev_t device;
	ino_t inode;
	struct timespec written, changed;
	char *json;
};

struct image_cache {
	pthread_mutex_t lock; // over what follows
	struct chain *items;
	size_t count;
};

void image_cache_init(struct image_cache *cache);
void image_cache_done(struct image_cache *cache);
// A user whose images are looked into with that user's rights; zeroed: the own.
struct account {
	uid_t user;
	gid_t group;
};
// What the image at PATH refers to. FORMAT NULL: as its first bytes say. Returns 0 or negative errno.
int image_refs_read(struct image_cache *cache, struct image_refs *refs, const char *path, const char *format,
                    struct account as, struct err *e);
// The first bytes of a regular file or block device. Returns their number or negative errno.
ssize_t image_head(const char *path, char head[IMAGE_HEAD]);
// What the file or block device at PATH holds. Returns 0 or negative errno.
int content_read(struct content *c, const char *path);
