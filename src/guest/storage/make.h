// Making disks: files of this host by their paths, others through libvirt's storage pools.
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"
#include "guest/connection/guests.h"
#include "model/job.h"

// The format of a new disk.
const char *storage_new_format(const struct params *p);
// Makes an empty disk as P wants it. *PATH owned by the caller. *POOL_IS_NEW: in a storage pool that was created for
// it. -EEXIST: there is a file of that name.
int storage_make(virConnectPtr conn, const struct guests *g, const struct params *p, const struct job *job,
                 char **path, bool *pool_is_new, struct err *e);
// Deletes a disk that storage_make() made a moment ago, and its pool if that IS NEW.
void storage_discard(virConnectPtr conn, const char *path, bool pool_is_new, bool local);
