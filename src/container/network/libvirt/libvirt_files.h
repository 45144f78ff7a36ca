// Libvirt's networks of this host, according to its files: asking libvirt itself takes longer and needs its daemon.
#pragma once

#include <stdbool.h>

#include "reservation.h"

// Whether libvirt's network NAME exists, and whether it is active.
bool shared_network_exists(const char *name);
bool shared_network_is_active(const char *name);
// The UUID of libvirt's network NAME: of the active one, else of the defined one. Owned; NULL if its files do not say.
char *shared_network_uuid(const char *name);
// Whether R's network is active and its servers have the entries of R's place.
bool shared_network_has(const char *name, const struct reservation *r);
