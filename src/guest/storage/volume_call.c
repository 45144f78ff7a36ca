// A volume of a storage pool: see volume_call.h.
#include "volume_call.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "guest/connection/call.h"
#include "guest/vir/error.h"

virStoragePoolPtr volume_pool_of(virConnectPtr conn, const char *key, const char **name, struct err *e)
{
	const char *slash = strchr(key, '/');
	auto_free char *pool = slash ? mem_strndup(key, (size_t)(slash - key)) : mem_strdup("default");
	virStoragePoolPtr found = vir.StoragePoolLookupByName(conn, pool);

	*name = slash ? slash + 1 : key;
	if (!found)
		guest_error(e, "no storage pool '%s'", pool);
	return found;
}

static int read_volume(struct volume_call *c, virStoragePoolPtr pool, const char *name, struct err *e)
{
	c->volume = vir.StorageVolLookupByName(pool, name);
	char *xml = c->volume ? vir.StorageVolGetXMLDesc(c->volume, 0) : NULL;
	int r = !xml ? guest_error(e, "cannot find volume '%s'", c->name)
	        : pool_volumes_add(&c->is, vir.StoragePoolGetName(pool), xml) < 0
	            ? err_msg(e, EINVAL, "cannot parse the definition of volume '%s'", c->name)
	            : 0;

	free(xml);
	return r;
}

int volume_begin(struct volume_call *c, struct guests *g, const char *key, struct err *e)
{
	const char *name;

	*c = (struct volume_call){.g = g, .name = key};
	int r = pool_begin(g, &c->slot, e);
	if (r < 0)
		return r;
	virStoragePoolPtr pool = volume_pool_of(c->slot->conn, key, &name, e);
	r = pool ? read_volume(c, pool, name, e) : -e->code;
	if (pool)
		vir.StoragePoolFree(pool);
	return r;
}

void volume_end(struct volume_call *c)
{
	if (c->volume)
		vir.StorageVolFree(c->volume);
	if (c->slot)
		pool_end(c->g, c->slot);
	pool_volumes_done(&c->is);
}
