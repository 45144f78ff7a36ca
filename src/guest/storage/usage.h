// Finds the files that other guests on this host use.
#pragma once

#include "guest/connection/guests.h"
#include "guest/files/claims.h"
#include "guest/files/images.h"

// Adds the files used by the domains of CONN, except UUID (may be NULL).
void usage_add_connection(struct claims *n, struct guests *g, virConnectPtr conn, const char *uuid);
// Adds the files used by one definition. VOLUME returns the path of a volume, owned, or NULL.
void usage_add_definition(struct claims *n, struct guests *g, const char *xml, const char *user, struct account as,
                          char *(*volume)(void *context, const char *pool, const char *volume), void *context);

// Calls EACH with the XML of every snapshot of DOMAIN. Returns 0, or -1 if libvirt does not return them.
int snapshots_each(virDomainPtr domain, void (*each)(const char *xml, void *context), void *context);
