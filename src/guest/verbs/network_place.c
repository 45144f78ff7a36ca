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

// "fd00:122::/64".
static char *subnet6_of(const char *address, const char *prefix)
{
	struct in6_addr at;
	char text[INET6_ADDRSTRLEN];
	uint64_t length = 64; // libvirt's default

	if (!address || inet_pton(AF_INET6, address, &at) != 1 || (prefix && str_to_u64(prefix, &length) < 0))
		return NULL;
	for (uint64_t i = length; i < 8 * sizeof(at.s6_addr); i++)
		at.s6_addr[i / 8] &= (uint8_t)~(0x80 >> i % 8);
	return mem_printf("%s/%u", inet_ntop(AF_INET6, &at, text, sizeof(text)), (unsigned)length);
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

// Only one address of a family has a DHCP server.
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

static void fill_address6(struct xml *x, void *context)
{
	struct shared_network *n = context;
	auto_free char *prefix = xml_text(x, "@prefix");

	if (n->address6 && !xml_has(x, "dhcp"))
		return;
	free(n->address6);
	free(n->subnet6);
	n->address6 = xml_text(x, "@address");
	n->subnet6 = subnet6_of(n->address6, prefix);
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
	xml_each(x, "ip[@family='ipv6']", fill_address6, n);
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

static char *dhcp_xml(const struct network_place *p, bool wanted)
{
	auto_str out = {0};

	(void)wanted;
	str_addf(&out, "<host mac='%s' name='", p->mac);
	domain_xml_add_text(&out, p->name);
	str_addf(&out, "' ip='%s'/>", p->address);
	return str_steal(&out);
}

// DHCPv6 identifies clients by a DUID, here one made from the MAC address (DUID-LL of RFC 8415).
static char *dhcp6_xml(const struct network_place *p, bool wanted)
{
	auto_str out = {0};

	(void)wanted;
	str_addf(&out, "<host id='00:03:00:01:%s' name='", p->mac);
	domain_xml_add_text(&out, p->name);
	str_addf(&out, "' ip='%s'/>", p->address6);
	return str_steal(&out);
}

static void add_name(struct str *out, const char *name)
{
	str_add(out, "<hostname>");
	domain_xml_add_text(out, name);
	str_add(out, "</hostname>");
}

// An entry is removed by its address alone: with names, libvirt would also find the container's other one.
static char *names_xml(const char *address, const struct network_place *p, bool wanted)
{
	auto_str out = {0};

	str_addf(&out, "<host ip='%s'>", address);
	if (wanted)
		add_name(&out, p->name);
	for (size_t i = 0; wanted && i < p->aliases.count; i++)
		add_name(&out, p->aliases.items[i]);
	str_add(&out, "</host>");
	return str_steal(&out);
}

static char *dns_xml(const struct network_place *p, bool wanted)
{
	return names_xml(p->address, p, wanted);
}

static char *dns6_xml(const struct network_place *p, bool wanted)
{
	return names_xml(p->address6, p, wanted);
}

static char *dhcp_path(const struct network_place *p)
{
	return mem_printf("ip/dhcp/host[@mac='%s'][@ip='%s']", p->mac, p->address);
}

static char *dhcp6_path(const struct network_place *p)
{
	return mem_printf("ip/dhcp/host[@id='00:03:00:01:%s'][@ip='%s']", p->mac, p->address6);
}

// Names have no quotes: name_is_valid() has checked them.
static char *dns_path(const struct network_place *p)
{
	return mem_printf("dns/host[@ip='%s'][hostname='%s']", p->address, p->name);
}

static char *dns6_path(const struct network_place *p)
{
	return mem_printf("dns/host[@ip='%s'][hostname='%s']", p->address6, p->name);
}

#define DHCP_OF_IPV4 "ip[not(@family='ipv6')][dhcp]"
#define DHCP_OF_IPV6 "ip[@family='ipv6'][dhcp]"
#define INDEX_OF(IP) "count(" IP "[1]/preceding-sibling::ip)"
#define DNS_SERVER "self::*[not(dns/@enable='no')]"

// The entries of a place, and the server that the network must have for each.
static const struct entry {
	unsigned section;
	bool ipv6;
	const char *needs, *parent; // PARENT: which of the network's addresses it belongs to; NULL: none
	char *(*xml)(const struct network_place *p, bool wanted);
	char *(*path)(const struct network_place *p); // of the entry in the definition
} entries[] = {
	{VIR_NETWORK_SECTION_IP_DHCP_HOST, false, DHCP_OF_IPV4, INDEX_OF(DHCP_OF_IPV4), dhcp_xml, dhcp_path},
	{VIR_NETWORK_SECTION_IP_DHCP_HOST, true, DHCP_OF_IPV6, INDEX_OF(DHCP_OF_IPV6), dhcp6_xml, dhcp6_path},
	{VIR_NETWORK_SECTION_DNS_HOST, false, DNS_SERVER, NULL, dns_xml, dns_path},
	{VIR_NETWORK_SECTION_DNS_HOST, true, DNS_SERVER, NULL, dns6_xml, dns6_path},
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

// A change of one entry in one or both definitions.
struct change {
	virNetworkPtr net;
	const char *name;
	const struct entry *entry;
	const struct network_place *place;
	bool wanted;
};

static int parent_of(const struct change *c, struct xml *x)
{
	return c->entry->parent && x ? (int)xml_number(x, c->entry->parent) : -1;
}

static int update(const struct change *c, int parent, unsigned flags, struct err *e)
{
	unsigned command = c->wanted ? VIR_NETWORK_UPDATE_COMMAND_ADD_LAST : VIR_NETWORK_UPDATE_COMMAND_DELETE;
	auto_free char *xml = c->entry->xml(c->place, c->wanted);

	if (!flags || vir.NetworkUpdate(c->net, command, c->entry->section, parent, xml, flags) == 0)
		return 0;
	return guest_error(e, c->wanted ? "cannot add container '%s' to libvirt's network '%s'"
	                                : "cannot remove container '%s' from libvirt's network '%s'", c->place->name,
	                   c->name);
}

// The order of the network's addresses may be different in its persistent definition.
static int set_entry(const struct change *c, const struct definitions *d, struct err *e)
{
	unsigned now = differs(d->now, c->entry, c->place, c->wanted) ? VIR_NETWORK_UPDATE_AFFECT_LIVE : 0u,
	         next = differs(d->next, c->entry, c->place, c->wanted) ? VIR_NETWORK_UPDATE_AFFECT_CONFIG : 0u;
	int parent = parent_of(c, d->now), next_parent = parent_of(c, d->next);

	if (parent == next_parent)
		return update(c, parent, now | next, e);
	int r = update(c, parent, now, e);
	return r < 0 ? r : update(c, next_parent, next, e);
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
		if (!entries[i].ipv6 || p->address6)
			r = set_entry(&(struct change){net, name, &entries[i], p, wanted}, &d, e);
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
