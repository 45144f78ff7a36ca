// A volume of a storage pool, with a connection reserved for calls on it.
#pragma once

#include "base/err.h"
#include "guest/connection/guests.h"
#include "guest/definition/volume_xml.h"
#include "guest/vir/vir.h"

struct volume_call {
	struct guests *g;
	struct pool_slot *slot;
	virStorageVolPtr volume;
	struct pool_volumes is; // this volume alone, as libvirt describes it
	const char *name;       // "POOL/VOLUME"
};

// Reserves a connection and finds the volume of KEY ("POOL/VOLUME"). volume_end() must be called in any case. Returns
// 0, -ENOENT or another negative errno.
int volume_begin(struct volume_call *c, struct guests *g, const char *key, struct err *e);
void volume_end(struct volume_call *c);
// Finds the pool that KEY begins with; *NAME becomes the rest. Without a slash the pool is "default". The caller frees
// it; NULL with E set: it was not found.
virStoragePoolPtr volume_pool_of(virConnectPtr conn, const char *key, const char **name, struct err *e);
