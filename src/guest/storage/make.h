// Creates disks: local ones as files, others through libvirt's storage pools.
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"
#include "guest/connection/guests.h"
#include "model/job.h"

// The format of a new disk.
const char *storage_new_format(const struct params *p);
// Creates an empty disk as requested by P. *PATH is owned by the caller. *POOL_IS_NEW: it is in a storage pool that
// was created for it. Returns 0 or negative errno, -EEXIST if there is a file of that name.
int storage_make(virConnectPtr conn, const struct guests *g, const struct params *p, const struct job *job,
                 char **path, bool *pool_is_new, struct err *e);
// Deletes a disk that storage_make() has just created, and its pool if POOL_IS_NEW.
void storage_discard(virConnectPtr conn, const char *path, bool pool_is_new, bool local);
