// Listing the volumes of storage pools: see volumes.h.
#include "volumes.h"

#include "base/mem.h"
#include "guest/definition/volume_xml.h"
#include "guest/storage/volumes.h"
#include "guest/volumes.h"
#include "model/id.h"
#include "model/volume.h"

// --- users ---

static void add_user(struct strv *users, const char *name)
{
	if (!users->count || !str_equal(users->items[users->count - 1], name))
		strv_add(users, name);
}

static const struct pool_volume *volume_of_disk(const struct pool_volumes *all, const struct domain_disk *disk)
{
	return disk->pool && disk->volume ? pool_volumes_find(all, disk->pool, disk->volume)
	                                  : pool_volumes_at(all, disk->source);
}

// Adds NAME to the users of V and of all that V is based on. USERS: one list per volume.
static void add_to_chain(const struct pool_volumes *all, const struct pool_volume *v, const char *name,
                         struct strv *users)
{
	for (size_t depth = 0; v && depth < all->count; depth++) {
		add_user(&users[v - all->items], name);
		v = pool_volumes_at(all, v->backing);
	}
}

static void add_guest(const struct pool_volumes *all, const struct domain_facts *f, struct strv *users)
{
	for (size_t i = 0; f->name && i < f->disk_count; i++)
		add_to_chain(all, volume_of_disk(all, &f->disks[i]), f->name, users);
}

// A volume that others are based on is used by them.
static void add_based(const struct pool_volumes *all, const struct pool_volume *v, struct strv *users)
{
	const struct pool_volume *below = pool_volumes_at(all, v->backing);
	auto_free char *name = volume_full_name(v);

	if (below)
		add_user(&users[below - all->items], name);
}

// --- items ---

static void list_volume(const struct pool_volume *from, struct strv *users, struct inventory *inv)
{
	auto_free char *name = volume_full_name(from);
	struct volume v = {.kind = KIND_VOLUME,
	                   .state = users->count ? STATE_USED : STATE_UNUSED,
	                   .source = mem_strdup(from->path),
	                   .format = mem_strdup(from->format),
	                   .size = from->capacity,
	                   .allocated = from->allocation,
	                   .used_by = *users};

	*users = (struct strv){0};
	id_fill(&v.item, "libvirt", name, name);
	inventory_upsert_item(inv, &v.item);
}

// The caller holds the lock.
static void list_volumes(struct guests *g, struct inventory *inv)
{
	const struct pool_volumes *all = &g->volumes;
	auto_free struct strv *users = mem_array(all->count + 1, sizeof(*users));

	for (size_t i = 0; i < g->count; i++)
		add_guest(all, &g->rows[i].facts, users);
	for (size_t i = 0; i < all->count; i++)
		add_based(all, &all->items[i], users);
	for (size_t i = 0; i < all->count; i++)
		list_volume(&all->items[i], &users[i], inv);
}

void volume_items_list(struct guests *g, struct inventory *inv)
{
	bool whole = inventory_wants(inv, KIND_VOLUME);

	if (!inventory_counts(inv, KIND_VOLUME))
		return;
	pthread_mutex_lock(&g->lock);
	volumes_refresh(g, whole);
	if (whole)
		list_volumes(g, inv);
	else
		inventory_count_more(inv, KIND_VOLUME, g->volume_count);
	pthread_mutex_unlock(&g->lock);
}

char *guests_volumes_note(struct guests *g)
{
	pthread_mutex_lock(&g->lock);
	char *note = volumes_note(g);
	pthread_mutex_unlock(&g->lock);
	return note;
}
