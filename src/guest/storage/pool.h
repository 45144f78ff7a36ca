// libvirt's storage pools, found by directory, and their volumes.
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "guest/vir/vir.h"

// The storage pool for DIRECTORY, created if there is none (*MADE); a created pool lasts until the daemon exits. NULL
// with E on failure.
virStoragePoolPtr storage_pool_for(virConnectPtr conn, const char *directory, bool *made, struct err *e);

// The path of VOLUME according to its pool's XML. Owned, or NULL.
char *volume_path_of(const char *pool_xml, const char *volume);
// The path of a volume in POOL. Owned; NULL if libvirt cannot tell.
char *volume_path(virConnectPtr conn, const char *pool, const char *volume);
