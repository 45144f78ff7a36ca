// Sizes of the disks of guests that are off: see disk_sizes.h.
#include "disk_sizes.h"

#include <string.h>

#include "base/clock.h"
#include "base/mem.h"

enum { VALID = 60 }; // seconds

struct request {
	char uuid[VIR_UUID_STRING_BUFLEN];
	char *target, *pool, *volume;
};

static void request_done(struct request *r)
{
	free(r->target);
	free(r->pool);
	free(r->volume);
}

static bool is_due(const struct guest *row, const struct domain_disk *disk, int64_t now)
{
	return !row->active && disk->target && disk->source &&
	       (!disk->looked_at || now - disk->looked_at > VALID * SECOND);
}

// The next one that is due, which is then no longer due.
static bool take_next(struct guests *g, struct request *r)
{
	int64_t now = clock_mono();
	bool found = false;

	pthread_mutex_lock(&g->lock);
	for (size_t i = 0; i < g->count && !found; i++)
		for (size_t n = 0; n < g->rows[i].facts.disk_count && !found; n++) {
			struct domain_disk *disk = &g->rows[i].facts.disks[n];

			if (!is_due(&g->rows[i], disk, now))
				continue;
			found = true;
			disk->looked_at = now;
			*r = (struct request){.target = mem_strdup(disk->target), .pool = mem_strdup(disk->pool),
			                      .volume = mem_strdup(disk->volume)};
			memcpy(r->uuid, g->rows[i].uuid, sizeof(r->uuid));
		}
	pthread_mutex_unlock(&g->lock);
	return found;
}

static bool ask_domain(virConnectPtr conn, const struct request *r, virDomainBlockInfo *info)
{
	virDomainPtr domain = vir.DomainLookupByUUIDString(conn, r->uuid);
	bool known = domain && vir.DomainGetBlockInfo(domain, r->target, info, 0) == 0;

	if (domain)
		vir.DomainFree(domain);
	return known;
}

// libvirt finds a disk in a storage pool only when the guest starts.
static bool ask_pool(virConnectPtr conn, const struct request *r, virDomainBlockInfo *info)
{
	virStoragePoolPtr pool = r->pool && r->volume ? vir.StoragePoolLookupByName(conn, r->pool) : NULL;
	virStorageVolPtr volume = pool ? vir.StorageVolLookupByName(pool, r->volume) : NULL;
	virStorageVolInfo found = {0};
	bool known = volume && vir.StorageVolGetInfo(volume, &found) == 0;

	if (volume)
		vir.StorageVolFree(volume);
	if (pool)
		vir.StoragePoolFree(pool);
	info->capacity = found.capacity;
	info->allocation = found.allocation;
	return known;
}

static void store(struct guests *g, const struct request *r, const virDomainBlockInfo *info)
{
	pthread_mutex_lock(&g->lock);
	struct guest *row = guests_find(g, r->uuid);
	for (size_t n = 0; row && n < row->facts.disk_count; n++)
		if (str_equal(row->facts.disks[n].target, r->target)) {
			row->facts.disks[n].size = info->capacity;
			row->facts.disks[n].allocated = info->allocation;
		}
	pthread_mutex_unlock(&g->lock);
}

void disk_sizes_update(struct guests *g, virConnectPtr conn)
{
	struct request r;

	for (; take_next(g, &r); request_done(&r)) {
		virDomainBlockInfo info = {0};

		if ((r.volume && ask_pool(conn, &r, &info)) || (!r.volume && ask_domain(conn, &r, &info)))
			store(g, &r, &info);
	}
}
