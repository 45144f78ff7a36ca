// The places of containers on libvirt's networks: addresses and names that libvirt reserves for them. A place is kept
// until the container is deleted, so that a restart does not need libvirt, and is written to a file first:
//   STORE/networks/libvirt/NETWORK/CONTAINER    written before libvirt's entries, and removed after them
//   STORE/networks/libvirt.lock                 held while any of them is changed
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"
#include "model/shared_network.h"

// Sets how this process reaches libvirt; without it, or with NULL, reservations can only be read.
void reservations_use(const struct shared_networks_table *table);

struct reservation {
	struct shared_network network; // without other containers' reservations
	struct network_place place;
};
void reservation_done(struct reservation *r);
// Reads the place of CONTAINER on NETWORK. Returns 0, -ENOENT or another negative errno.
int reservation_read(const char *store, const char *network, const char *container, struct reservation *r,
                     struct err *e);
// Gives the container WISH->name a place on NETWORK: the one it has if that matches WISH, else a new one. Address and
// MAC NULL: any. Asks libvirt only if the network lacks some of its entries. Returns 0, or negative errno with nothing
// left behind unless libvirt could not be reached to remove it.
int reservation_make(const char *store, const char *network, const struct network_place *wish, struct err *e);
// Releases the place of CONTAINER on NETWORK; NULL: all its places. If libvirt cannot be reached, their removal is
// left to reservations_sweep().
void reservations_release(const char *store, const char *container, const char *network);
// Copies the places of container FROM, which has just been renamed, for the name TO, without libvirt.
void reservations_copy(const char *store, const char *from, const char *to);
// Then tells libvirt the new name, and removes the copied places. That can take long.
void reservations_rename(const char *store, const char *from, const char *to);
// Finds the places of containers that no longer exist: adds them to FOUND (may be NULL), and removes them if REMOVE.
// Returns 0 or negative errno.
int reservations_sweep(const char *store, bool remove, struct strv *found, struct err *e);

static inline void auto_reservation_run(struct reservation *r)
{
	reservation_done(r);
}
#define auto_reservation AUTO(reservation) struct reservation
