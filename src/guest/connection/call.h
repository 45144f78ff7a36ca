// Requests to libvirt, each on a connection of its own (see connection.h), and the guest that one is about.
#pragma once

#include "base/err.h"
#include "guest/definition/facts.h"
#include "guests.h"

// A connection of the pool, for anything else. pool_end() gives it back.
int pool_begin(struct guests *g, struct pool_slot **slot, struct err *e);
void pool_end(struct guests *g, struct pool_slot *slot);

// A connection of the pool with the domain of UUID. -ENOENT: it was deleted.
struct call {
	struct pool_slot *slot;
	virConnectPtr conn;
	virDomainPtr domain;
	char *name;
};
int call_begin(struct call *c, struct guests *g, const char *uuid, struct err *e);
void call_end(struct guests *g, struct call *c);

// Fills F (zeroed) with what the guest's XML says, and *XML (may be NULL; owned) with the XML. Returns 0 or negative
// errno.
int domain_read_facts(virDomainPtr domain, unsigned flags, struct domain_facts *f, char **xml, struct err *e);
