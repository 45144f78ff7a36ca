// Requests to libvirt, each on a connection of its own (see connection.h), and the guest they concern.
#pragma once

#include "base/err.h"
#include "guest/definition/facts.h"
#include "guests.h"

// Reserves a connection of the pool for one request. pool_end() returns it.
int pool_begin(struct guests *g, struct pool_slot **slot, struct err *e);
void pool_end(struct guests *g, struct pool_slot *slot);

// A pool connection and the domain of UUID. call_begin() returns -ENOENT if the guest was deleted.
struct call {
	struct pool_slot *slot;
	virConnectPtr conn;
	virDomainPtr domain;
	char *name;
};
int call_begin(struct call *c, struct guests *g, const char *uuid, struct err *e);
void call_end(struct guests *g, struct call *c);

// Fills F (zeroed) from the guest's XML, and *XML (may be NULL; owned) with the XML itself. Returns 0 or negative
// errno.
int domain_read_facts(virDomainPtr domain, unsigned flags, struct domain_facts *f, char **xml, struct err *e);
