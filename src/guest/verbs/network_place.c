// Places of containers on libvirt's networks: entries of their DHCP and DNS. See guest/guests.h.
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "guest/connection/call.h"
#include "guest/definition/domain_xml.h"
#include "guest/guests.h"
#include "guest/vir/error.h"
#include "guest/vir/vir.h"
#include "guest/vir/xpath.h"

// --- reading ---

static struct xml *read_definition(virNetworkPtr net, unsigned flags, const char *name, struct err *e)
{
	char *text = vir.NetworkGetXMLDesc(net, flags);
	struct xml *x = text ? xml_read(text, "network") : NULL;

	if (!text)
		guest_error(e, "cannot read the definition of network '%s'", name);
	else if (!x)
		err_msg(e, EINVAL, "cannot read the definition of network '%s'", name);
	free(text);
	return x;
}

// "192.168.122.0/24"; NULL without a prefix.
static char *subnet_of(const char *address, const char *prefix, const char *netmask)
{
	struct in_addr at, mask = {0};
	char text[INET_ADDRSTRLEN];
	uint64_t length = 0;

	if (!address || inet_pton(AF_INET, address, &at) != 1)
		return NULL;
	if (prefix && str_to_u64(prefix, &length) == 0 && length >= 1 && length <= 32)
		mask.s_addr = htonl(UINT32_MAX << (32 - length));
	else if (!netmask || inet_pton(AF_INET, netmask, &mask) != 1)
		return NULL;
	at.s_addr &= mask.s_addr;
	return inet_ntop(AF_INET, &at, text, sizeof(text)) ? mem_printf("%s/%d", text, __builtin_popcount(mask.s_addr))
	                                                   : NULL;
}

static void add_host(struct xml *x, void *context)
{
	struct shared_network *n = context;
	auto_free char *address = xml_text(x, "@ip"), *mac = xml_text(x, "@mac");

	if (address)
		strv_add(&n->addresses, address);
	if (mac)
		strv_add(&n->macs, mac);
}

// Only one address of a network has a DHCP server.
static void fill_address(struct xml *x, void *context)
{
	struct shared_network *n = context;
	auto_free char *prefix = xml_text(x, "@prefix"), *netmask = xml_text(x, "@netmask");

	if (n->address && !xml_has(x, "dhcp"))
		return;
	free(n->address);
	free(n->subnet);
	n->address = xml_text(x, "@address");
	n->subnet = subnet_of(n->address, prefix, netmask);
}

static void add_leases(virNetworkPtr net, struct strv *addresses)
{
	virNetworkDHCPLeasePtr *found = NULL;
	int count = vir.NetworkGetDHCPLeases(net, NULL, &found, 0);

	for (int i = 0; i < count; i++) {
		if (found[i]->ipaddr)
			strv_add(addresses, found[i]->ipaddr);
		vir.NetworkDHCPLeaseFree(found[i]);
	}
	free(found);
}

static int describe(virNetworkPtr net, const char *name, struct shared_network *n, struct err *e)
{
	struct xml *x = read_definition(net, 0, name, e);

	if (!x)
		return -e->code;
	n->uuid = xml_text(x, "uuid");
	n->bridge = xml_text(x, "bridge/@name");
	n->domain = xml_text(x, "domain/@name");
	n->isolated = !xml_has(x, "forward");
	n->dns = !xml_has(x, "dns[@enable='no']");
	xml_each(x, "ip[not(@family='ipv6')]", fill_address, n);
	xml_each(x, "ip/dhcp/host", add_host, n);
	xml_each(x, "dns/host", add_host, n);
	xml_free(x);
	add_leases(net, &n->addresses);
	return 0;
}

int guests_network_read(struct guests *g, const char *name, struct shared_network *n, struct err *e)
{
	struct pool_slot *slot;
	int r = pool_begin(g, &slot, e);

	if (r < 0)
		return r;
	virNetworkPtr net = vir.NetworkLookupByName(slot->conn, name);
	if (!net)
		r = guest_error(e, "cannot look up network '%s'", name);
	else if (vir.NetworkIsActive(net) != 1)
		r = err_msg(e, ENETDOWN, "libvirt's network '%s' is not active", name);
	else
		r = describe(net, name, n, e);
	if (net)
		vir.NetworkFree(net);
	pool_end(g, slot);
	return r;
}

// --- entries ---

static char *dhcp_xml(const struct network_place *p)
{
	auto_str out = {0};

	str_addf(&out, "<host mac='%s' name='", p->mac);
	domain_xml_add_text(&out, p->name);
	str_addf(&out, "' ip='%s'/>", p->address);
	return str_steal(&out);
}

static void add_name(struct str *out, const char *name)
{
	str_add(out, "<hostname>");
	domain_xml_add_text(out, name);
	str_add(out, "</hostname>");
}

static char *dns_xml(const struct network_place *p)
{
	auto_str out = {0};

	str_addf(&out, "<host ip='%s'>", p->address);
	add_name(&out, p->name);
	for (size_t i = 0; i < p->aliases.count; i++)
		add_name(&out, p->aliases.items[i]);
	str_add(&out, "</host>");
	return str_steal(&out);
}

static char *dhcp_path(const struct network_place *p)
{
	return mem_printf("ip/dhcp/host[@mac='%s'][@ip='%s']", p->mac, p->address);
}

// Names have no quotes: name_is_valid() has checked them.
static char *dns_path(const struct network_place *p)
{
	return mem_printf("dns/host[@ip='%s'][hostname='%s']", p->address, p->name);
}

// The entries of a place, and the server that the network must have for each.
static const struct entry {
	unsigned section;
	const char *needs;
	char *(*xml)(const struct network_place *p);
	char *(*path)(const struct network_place *p); // of the entry in the definition
} entries[] = {
	{VIR_NETWORK_SECTION_IP_DHCP_HOST, "ip/dhcp", dhcp_xml, dhcp_path},
	{VIR_NETWORK_SECTION_DNS_HOST, "self::*[not(dns/@enable='no')]", dns_xml, dns_path},
};

struct definitions {
	struct xml *now, *next; // NULL: not active, or not persistent
};

static void definitions_done(struct definitions *d)
{
	xml_free(d->now);
	xml_free(d->next);
}

static int read_definitions(virNetworkPtr net, const char *name, struct definitions *d, struct err *e)
{
	bool active = vir.NetworkIsActive(net) == 1, persistent = vir.NetworkIsPersistent(net) == 1;

	*d = (struct definitions){.now = active ? read_definition(net, 0, name, e) : NULL};
	if (active && !d->now)
		return -e->code;
	d->next = persistent ? read_definition(net, VIR_NETWORK_XML_INACTIVE, name, e) : NULL;
	return persistent && !d->next ? -e->code : 0;
}

// Whether ENTRY of P has to be changed in X: it exists but must not, or the reverse.
static bool differs(struct xml *x, const struct entry *entry, const struct network_place *p, bool wanted)
{
	auto_free char *path = entry->path(p);

	return x && xml_has(x, entry->needs) && xml_has(x, path) != wanted;
}

static int update(virNetworkPtr net, const char *name, const struct definitions *d, const struct entry *entry,
                  const struct network_place *p, bool wanted, struct err *e)
{
	unsigned flags = (differs(d->now, entry, p, wanted) ? VIR_NETWORK_UPDATE_AFFECT_LIVE : 0u) |
	                 (differs(d->next, entry, p, wanted) ? VIR_NETWORK_UPDATE_AFFECT_CONFIG : 0u);
	unsigned command = wanted ? VIR_NETWORK_UPDATE_COMMAND_ADD_LAST : VIR_NETWORK_UPDATE_COMMAND_DELETE;
	auto_free char *xml = entry->xml(p);

	if (!flags || vir.NetworkUpdate(net, command, entry->section, -1, xml, flags) == 0)
		return 0;
	return guest_error(e, wanted ? "libvirt's network '%s' refuses container '%s'"
	                             : "cannot remove from libvirt's network '%s' container '%s'", name, p->name);
}

static int set_place(virConnectPtr conn, const char *uuid, const struct network_place *p, bool wanted, struct err *e)
{
	virNetworkPtr net = vir.NetworkLookupByUUIDString(conn, uuid);
	struct definitions d = {0};

	if (!net) {
		const virError *error = vir.GetLastError();
		bool gone = error && error->code == VIR_ERR_NO_NETWORK;
		return gone && !wanted ? 0 : guest_error(e, "cannot look up network '%s'", uuid);
	}
	auto_free char *name = mem_strdup(vir.NetworkGetName(net));
	int r = read_definitions(net, name, &d, e);
	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(entries); i++)
		r = update(net, name, &d, &entries[i], p, wanted, e);
	definitions_done(&d);
	vir.NetworkFree(net);
	return r;
}

int guests_network_set_place(struct guests *g, const char *uuid, const struct network_place *p, bool wanted,
                             struct err *e)
{
	struct pool_slot *slot;
	int r = pool_begin(g, &slot, e);

	if (r < 0)
		return r;
	r = set_place(slot->conn, uuid, p, wanted, e);
	pool_end(g, slot);
	return r;
}
