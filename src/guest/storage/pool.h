// Storage pools of libvirt, by the directory that they hold, and their volumes.
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "guest/vir/vir.h"

// The storage pool for DIRECTORY; when there is none it is created (*MADE), until the daemon ends. NULL with E on
// failure.
virStoragePoolPtr storage_pool_for(virConnectPtr conn, const char *directory, bool *made, struct err *e);

// The path of VOLUME by its pool's XML. Owned, or NULL.
char *volume_path_of(const char *pool_xml, const char *volume);
// Where the volume of a pool is. Owned; NULL when libvirt does not say.
char *volume_path(virConnectPtr conn, const char *pool, const char *volume);
