// What other guests on this host use.
#pragma once

#include "guest/connection/guests.h"
#include "guest/files/claims.h"
#include "guest/files/images.h"

// All that the domains of CONN but UUID (may be NULL) use.
void usage_add_connection(struct claims *n, struct guests *g, virConnectPtr conn, const char *uuid);
// All that one definition uses. VOLUME gives the path of a volume, owned, or NULL.
void usage_add_definition(struct claims *n, struct guests *g, const char *xml, const char *user, struct account as,
                          char *(*volume)(void *context, const char *pool, const char *volume), void *context);

// Calls EACH with the XML of every snapshot of DOMAIN. Returns 0, or -1 when libvirt does not give them.
int snapshots_each(virDomainPtr domain, void (*each)(const char *xml, void *context), void *context);
