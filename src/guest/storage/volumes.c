// Reads the volumes of all active storage pools: see volumes.h.
#include "volumes.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "guest/connection/connection.h"
#include "guest/connection/worker.h"
#include "guest/vir/error.h"

#define VALID (5 * SECOND)

// --- reading ---

static void add_volume(struct pool_volumes *all, const char *pool, virStorageVolPtr volume)
{
	char *xml = vir.StorageVolGetXMLDesc(volume, 0);

	if (xml)
		pool_volumes_add(all, pool, xml);
	free(xml);
}

// A pool that has been stopped meanwhile has no volumes.
static void add_pool(struct pool_volumes *all, virStoragePoolPtr pool)
{
	auto_free char *name = mem_strdup(vir.StoragePoolGetName(pool));
	virStorageVolPtr *volumes = NULL;
	int count = name ? vir.StoragePoolListAllVolumes(pool, &volumes, 0) : 0;

	for (int i = 0; i < count; i++) {
		add_volume(all, name, volumes[i]);
		vir.StorageVolFree(volumes[i]);
	}
	free(volumes);
}

// Calls EACH for the active pools. Returns 0 or -1.
static int pools_each(virConnectPtr conn, void (*each)(virStoragePoolPtr pool, void *context), void *context)
{
	virStoragePoolPtr *pools = NULL;
	int count = vir.ConnectListAllStoragePools(conn, &pools, VIR_CONNECT_LIST_STORAGE_POOLS_ACTIVE);

	for (int i = 0; i < count; i++) {
		each(pools[i], context);
		vir.StoragePoolFree(pools[i]);
	}
	free(pools);
	return count < 0 && !vir_is_unsupported() ? -1 : 0;
}

static void read_pool(virStoragePoolPtr pool, void *context)
{
	add_pool(context, pool);
}

int volumes_read(virConnectPtr conn, struct pool_volumes *all)
{
	return pools_each(conn, read_pool, all);
}

static void count_pool(virStoragePoolPtr pool, void *context)
{
	int count = vir.StoragePoolNumOfVolumes(pool);

	*(size_t *)context += count > 0 ? (size_t)count : 0;
}

// --- in a thread ---

// The caller holds the lock.
static void store_count(struct guests *g, size_t count)
{
	g->changed |= g->volume_count != count;
	g->volume_count = count;
}

// Takes over the volumes of FOUND. The caller holds the lock.
static void store_volumes(struct guests *g, struct pool_volumes *found)
{
	struct pool_volumes before = g->volumes;

	g->changed |= !pool_volumes_equal(&before, found);
	g->volumes = *found;
	g->volumes_known = true;
	*found = before;
}

// Returns whether the volumes are wanted, not only their count. A touch from now on makes this out of date.
static bool begin_reading(struct guests *g)
{
	pthread_mutex_lock(&g->lock);
	g->volumes_due = clock_mono() + VALID;
	bool whole = g->volumes_wanted;
	pthread_mutex_unlock(&g->lock);
	return whole;
}

static void volumes_worker(struct guests *g)
{
	bool whole = begin_reading(g);
	struct pool_volumes found = {0};
	struct err e = {0};
	size_t count = 0;

	virConnectPtr conn = worker_connection(g, WORKER_VOLUMES);
	if (!conn || (whole ? volumes_read(conn, &found) : pools_each(conn, count_pool, &count)) < 0)
		guest_error(&e, "cannot list the volumes of the storage pools");
	pthread_mutex_lock(&g->lock);
	if (!e.code && whole)
		store_volumes(g, &found);
	if (!e.code)
		store_count(g, whole ? g->volumes.count : count);
	g->changed |= !g->volumes_due || e.code != g->volumes_failure.code;
	g->volumes_failure = e;
	pthread_cond_broadcast(&g->condition);
	pthread_mutex_unlock(&g->lock);
	pool_volumes_done(&found);
}

// Waits for the first list, but only once: pools that do not answer never deliver one. The caller holds the lock.
static void wait_for_first(struct guests *g)
{
	int64_t until = clock_mono() + CONNECT_SECONDS * SECOND;

	worker_wait(g, WORKER_VOLUMES, until); // it may only be counting
	g->volumes_wanted = true;
	worker_start(g, WORKER_VOLUMES, volumes_worker);
	worker_wait(g, WORKER_VOLUMES, until);
}

void volumes_refresh(struct guests *g, bool whole)
{
	bool due = clock_mono() >= g->volumes_due;

	if (whole && !g->volumes_wanted)
		wait_for_first(g);
	else if (due)
		worker_start(g, WORKER_VOLUMES, volumes_worker);
}

char *volumes_note(const struct guests *g)
{
	if (!g->volumes_wanted || (g->volumes_known && !g->volumes_failure.code))
		return NULL;
	return mem_strdup(g->volumes_failure.code ? g->volumes_failure.text
	                                          : "no volumes: the storage pools do not answer");
}

void volumes_touch(struct guests *g)
{
	pthread_mutex_lock(&g->lock);
	g->volumes_due = 0;
	g->changed = true;
	pthread_cond_broadcast(&g->condition);
	pthread_mutex_unlock(&g->lock);
}
