// Values of a new guest's fields: see guest/guests.h.
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "guest/connection/call.h"
#include "guest/connection/guests.h"
#include "guest/guests.h"
#include "guest/vir/error.h"
#include "guest/vir/vir.h"
#include "model/param.h"

static int add_networks(virConnectPtr conn, struct strv *out, struct err *e)
{
	virNetworkPtr *nets = NULL;
	int count = vir.ConnectListAllNetworks(conn, &nets, 0);

	for (int i = 0; i < count; i++) {
		strv_addf(out, "network:%s", vir.NetworkGetName(nets[i]));
		vir.NetworkFree(nets[i]);
	}
	free(nets);
	return count < 0 ? guest_error(e, "cannot list the networks") : 0;
}

static int add_pools(virConnectPtr conn, struct strv *out, struct err *e)
{
	virStoragePoolPtr *pools = NULL;
	int count = vir.ConnectListAllStoragePools(conn, &pools, 0);

	for (int i = 0; i < count; i++) {
		strv_add(out, vir.StoragePoolGetName(pools[i]));
		vir.StoragePoolFree(pools[i]);
	}
	free(pools);
	return count < 0 ? guest_error(e, "cannot list the storage pools") : 0;
}

static const struct {
	const char *field;
	int (*add)(virConnectPtr conn, struct strv *out, struct err *e);
} offers[] = {
	{PARAM_NETWORK, add_networks},
	{PARAM_POOL, add_pools},
};

int guests_choices(struct guests *g, const char *field, struct strv *out, struct err *e)
{
	struct pool_slot *slot;

	for (size_t i = 0; i < ARRAY_SIZE(offers); i++) {
		if (strcmp(offers[i].field, field) != 0)
			continue;
		int r = pool_begin(g, &slot, e);
		if (r < 0)
			return r;
		r = offers[i].add(slot->conn, out, e);
		pool_end(g, slot);
		return r;
	}
	return 0;
}
