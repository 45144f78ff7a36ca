// Listing images: see images.h.
#include "images.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "container/image/list.h"
#include "container/image/open.h"
#include "container/image/stored.h"
#include "model/id.h"
#include "model/image.h"

// The images of a layout, and the inode data of the index they were read from.
struct cached_layout {
	char *path;
	struct timespec changed;
	ino_t inode;
	off_t size;
	struct listed_images images;
};
struct image_cache {
	struct cached_layout *items;
	size_t count;
};

static void cached_layout_done(struct cached_layout *l)
{
	free(l->path);
	listed_images_done(&l->images);
}

static void image_cache_free(struct image_cache *cache)
{
	for (size_t i = 0; cache && i < cache->count; i++)
		cached_layout_done(&cache->items[i]);
	free(cache ? cache->items : NULL);
	free(cache);
}

void images_done(struct containers *c)
{
	image_cache_free(c->images);
	c->images = NULL;
}

void image_uses_done(struct image_uses *uses)
{
	for (size_t i = 0; i < uses->count; i++) {
		free(uses->items[i].reference);
		free(uses->items[i].digest);
		strv_done(&uses->items[i].users);
	}
	free(uses->items);
	*uses = (struct image_uses){0};
}

static struct image_use *find_use(const struct image_uses *uses, const char *digest)
{
	for (size_t i = 0; i < uses->count; i++)
		if (strcmp(uses->items[i].digest, digest) == 0)
			return &uses->items[i];
	return NULL;
}

void image_uses_add(struct image_uses *uses, const struct record *r)
{
	struct image_use *use = r->image.digest ? find_use(uses, r->image.digest) : NULL;

	if (!r->image.digest || !r->image.reference)
		return;
	if (!use) {
		uses->items = mem_resize(uses->items, uses->count + 1, sizeof(*uses->items));
		use = &uses->items[uses->count++];
		*use = (struct image_use){.reference = mem_strdup(r->image.reference), .digest = mem_strdup(r->image.digest),
		                          .layers = (int)r->image.lowers.count};
	}
	strv_add(&use->users, r->name);
}

static bool is_current(const struct cached_layout *l, const struct stat *st)
{
	return l->inode == st->st_ino && l->size == st->st_size && l->changed.tv_sec == st->st_mtim.tv_sec &&
	       l->changed.tv_nsec == st->st_mtim.tv_nsec;
}

static struct cached_layout *find_layout(const struct image_cache *cache, const char *path)
{
	for (size_t i = 0; i < cache->count; i++)
		if (strcmp(cache->items[i].path, path) == 0)
			return &cache->items[i];
	return NULL;
}

// Adds the layout PATH to NOW: from BEFORE if it has not changed since, else from disk.
static void read_layout(struct image_cache *now, const struct image_cache *before, const char *path, bool stored)
{
	auto_free char *index = mem_printf("%s/index.json", path);
	struct cached_layout *old = find_layout(before, path);
	struct stat st;
	struct err ignored;

	if (find_layout(now, path) || lstat(index, &st) < 0)
		return;
	now->items = mem_resize(now->items, now->count + 1, sizeof(*now->items));
	struct cached_layout *l = &now->items[now->count++];
	*l = (struct cached_layout){
	    .path = mem_strdup(path), .changed = st.st_mtim, .inode = st.st_ino, .size = st.st_size};
	if (old && is_current(old, &st)) {
		l->images = old->images;
		old->images = (struct listed_images){0};
	} else {
		// after an error, images in use are added from the records
		image_list_layout(&l->images, path, stored, &ignored);
	}
}

static void upsert_image(struct inventory *inv, struct image_item *i, const struct image_use *use, const char *name)
{
	if (use)
		strv_copy(&i->used_by, &use->users);
	i->state = use ? STATE_USED : STATE_UNUSED;
	id_fill(&i->item, "bunk", i->digest, name);
	inventory_upsert_item(inv, &i->item);
}

static void add_listed(struct inventory *inv, const struct listed_image *one, const struct image_use *use)
{
	struct image_item i = {.kind = KIND_IMAGE,
	                       .digest = mem_strdup(one->digest),
	                       .size = one->size,
	                       .layers = one->layers,
	                       .created = one->created,
	                       .platform = mem_strdup(one->platform),
	                       .trouble = mem_strdup(one->trouble)};

	strv_copy(&i.names, &one->names);
	upsert_image(inv, &i, use, one->names.items[0]);
}

// An image whose layout is gone, or now has another image of that name.
static void add_used(struct inventory *inv, const struct image_use *use)
{
	struct image_item i = {.kind = KIND_IMAGE, .digest = mem_strdup(use->digest), .layers = use->layers,
	                       .trouble = mem_strdup("no longer in its layout")};

	strv_add(&i.names, use->reference);
	upsert_image(inv, &i, use, use->reference);
}

static bool is_listed(const struct image_cache *cache, const char *digest)
{
	for (size_t i = 0; i < cache->count; i++)
		for (size_t j = 0; j < cache->items[i].images.count; j++)
			if (strcmp(cache->items[i].images.items[j].digest, digest) == 0)
				return true;
	return false;
}

static struct image_cache *exchange_cache(struct containers *c, struct image_cache *cache)
{
	pthread_mutex_lock(&c->lock);
	struct image_cache *before = c->images;
	c->images = cache;
	pthread_mutex_unlock(&c->lock);
	return before;
}

void images_list(struct containers *c, const struct image_uses *uses, struct inventory *inv)
{
	static const struct image_cache empty;
	struct image_cache *before = exchange_cache(c, NULL), *now = mem_new(sizeof(*now));

	auto_free char *stored = stored_path(&c->store);
	for (size_t i = 0; i < uses->count; i++) {
		auto_free char *path = image_layout_path(uses->items[i].reference);

		if (path)
			read_layout(now, before ? before : &empty, path, false);
	}
	read_layout(now, before ? before : &empty, stored, true);
	for (size_t i = 0; i < now->count; i++)
		for (size_t j = 0; j < now->items[i].images.count; j++)
			add_listed(inv, &now->items[i].images.items[j], find_use(uses, now->items[i].images.items[j].digest));
	for (size_t i = 0; i < uses->count; i++)
		if (!is_listed(now, uses->items[i].digest))
			add_used(inv, &uses->items[i]);
	image_cache_free(before);
	image_cache_free(exchange_cache(c, now));
}
