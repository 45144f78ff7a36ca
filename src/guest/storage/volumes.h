// Reads the volumes of all active storage pools. That may take long: libvirt blocks callers while a pool is refreshed
// or its server does not answer. So lists come from a worker thread with a connection of its own.
#pragma once

#include "guest/connection/guests.h"
#include "guest/definition/volume_xml.h"
#include "guest/vir/vir.h"

// Adds the volumes of all active pools. Those that are deleted meanwhile are left out. Returns 0, or -1 with libvirt's
// error set. A driver without storage pools has none.
int volumes_read(virConnectPtr conn, struct pool_volumes *all);

// Keeps g->volumes (WHOLE) or g->volume_count at most a few seconds old: a worker reads them again, and guests_wait()
// returns if they have changed. If WHOLE and no list has been read yet, it waits for one, for at most 4 s. The caller
// holds the lock.
void volumes_refresh(struct guests *g, bool whole);
// What is missing from the list, and why. Owned; NULL: nothing. The caller holds the lock.
char *volumes_note(const struct guests *g);
// Makes the next refresh read all pools again, and guests_wait() return. Call after a change.
void volumes_touch(struct guests *g);
