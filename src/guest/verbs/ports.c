// Ports of guests before they are published: see ports.h.
#include "ports.h"

#include <errno.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/str.h"
#include "guest/definition/facts.h"
#include "guest/vir/vir.h"

static void ports_of_facts(const struct domain_facts *f, struct ports *ports)
{
	struct err ignored;

	for (size_t i = 0; i < f->ports.count; i++)
		ports_parse(ports, f->ports.items[i], &ignored);
}

// The first of PORTS that conflicts with one of OTHERS; NULL if none does.
static const struct port *find_conflict(const struct ports *ports, const struct ports *others)
{
	for (size_t i = 0; i < ports->count; i++)
		for (size_t k = 0; k < others->count; k++)
			if (port_conflicts(&ports->items[i], &others->items[k]))
				return &ports->items[i];
	return NULL;
}

// Names the guest in E if DOMAIN publishes one of PORTS.
static bool name_holder(virDomainPtr domain, const struct ports *ports, struct err *e)
{
	struct domain_facts f = {0};
	struct ports others = {0};
	struct err ignored;

	if (domain_read_facts(domain, 0, &f, NULL, &ignored) == 0)
		ports_of_facts(&f, &others);
	const struct port *taken = find_conflict(ports, &others);
	if (taken) {
		auto_free char *text = port_text(taken);
		err_msg(e, EADDRINUSE, "cannot publish port %s: %u is in use by guest '%s'", text, taken->outside, f.name);
	}
	ports_done(&others);
	domain_facts_done(&f);
	return taken;
}

// Other processes cannot see which sockets passt has, so the guests' definitions are searched.
static void name_holding_guest(virConnectPtr conn, const struct ports *ports, struct err *e)
{
	virDomainPtr *domains = NULL;
	int count = vir.ConnectListAllDomains(conn, &domains, VIR_CONNECT_LIST_DOMAINS_ACTIVE);
	bool named = false;

	for (int i = 0; i < count; i++) {
		named = named || name_holder(domains[i], ports, e);
		vir.DomainFree(domains[i]);
	}
	free(domains);
}

int guest_check_ports(const struct guests *g, virConnectPtr conn, struct ports *ports, struct err *e)
{
	int r = g->local && g->check_ports && ports->count ? g->check_ports(ports, e) : 0;

	if (r == -EADDRINUSE)
		name_holding_guest(conn, ports, e);
	return r;
}

int guest_check_own_ports(const struct guests *g, const struct call *c, struct err *e)
{
	struct domain_facts f = {0};
	struct ports ports = {0};
	struct err ignored;

	if (g->local && g->check_ports && domain_read_facts(c->domain, VIR_DOMAIN_XML_INACTIVE, &f, NULL, &ignored) == 0)
		ports_of_facts(&f, &ports);
	int r = guest_check_ports(g, c->conn, &ports, e);
	ports_done(&ports);
	domain_facts_done(&f);
	return r < 0 ? err_wrap(e, "cannot start guest '%s'", c->name) : 0;
}
