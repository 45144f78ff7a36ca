// Making disks: files of this host by their paths, others through libvirt's storage pools.
#pragma once

#include "base/err.h"
#include "base/str.h"
#include "guest/connection/guests.h"

// The format of a new disk.
const char *storage_new_format(const struct params *p);
// Makes an empty disk as P wants it. *PATH owned by the caller. -EEXIST: there is a file of that name.
int storage_make(virConnectPtr conn, const struct guests *g, const struct params *p, char **path, struct err *e);
