// A container on a network: see endpoint.h.
#include "endpoint.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "container/network/bridge/ipv6.h"
#include "container/network/helper/helper.h"
#include "sys/netlink.h"
#include "sys/netns.h"

// --- choosing ---

static void add_used(const struct endpoints *l, uint32_t *used)
{
	for (size_t i = 0; i < l->count; i++)
		used[i] = l->items[i].address;
}

// The address that the caller asked for.
static int wanted_address(const struct own_network *o, const struct endpoints *l, const char *text, uint32_t *address,
                          struct err *e)
{
	auto_free char *subnet = subnet_text(&o->subnet);

	if (address_parse(text, address) < 0 || !subnet_has(&o->subnet, *address))
		return err_msg(e, EINVAL, "address %s is not in the subnet %s of network '%s', or is the host's", text, subnet,
		               o->name);
	for (size_t i = 0; i < l->count; i++)
		if (l->items[i].address == *address)
			return err_msg(e, EADDRINUSE, "address %s is in use by container '%s'", text, l->items[i].container);
	return 0;
}

static int choose_address(const struct own_network *o, const char *container, const char *wanted,
                          const struct endpoints *l, uint32_t *address, struct err *e)
{
	auto_free uint32_t *used = mem_array(l->count + 1, sizeof(*used));

	if (wanted)
		return wanted_address(o, l, wanted, address, e);
	add_used(l, used);
	*address = subnet_choose_address(&o->subnet, str_hash(container), used, l->count);
	return *address ? 0 : err_msg(e, EADDRNOTAVAIL, "network '%s' has no free address", o->name);
}

// Addresses are unique in the network, and the interface group identifies the store.
static char *link_name(const struct networks *n, const struct own_network *o, uint32_t address)
{
	auto_free char *whole = mem_printf("%s/%s/%08x", n->store, o->name, address);

	return mem_printf("vh%08x", str_hash(whole));
}

static bool is_used6(const struct endpoints *l, const struct address6 *address)
{
	for (size_t i = 0; i < l->count; i++)
		if (address6_equal(&l->items[i].address6, address))
			return true;
	return false;
}

static int choose_address6(const struct own_network *o, const char *wanted, const struct endpoints *l,
                           struct endpoint *p, struct err *e)
{
	if (wanted && (address6_parse(wanted, &p->address6) < 0 || !subnet6_has(&o->subnet6, &p->address6)))
		return err_msg(e, EINVAL, "address %s is not in the IPv6 subnet of network '%s', or is the host's", wanted,
		               o->name);
	if (wanted)
		return is_used6(l, &p->address6) ? err_msg(e, EADDRINUSE, "address %s is in use", wanted) : 0;
	for (uint32_t i = 0; o->subnet6.prefix; i++) {
		p->address6 = subnet6_address(&o->subnet6, &o->subnet, p->address, i);
		if (!is_used6(l, &p->address6))
			break;
	}
	return 0;
}

static const struct endpoint *find_mac(const struct endpoints *l, const unsigned char mac[MAC_SIZE])
{
	for (size_t i = 0; i < l->count; i++)
		if (memcmp(l->items[i].mac, mac, MAC_SIZE) == 0)
			return &l->items[i];
	return NULL;
}

// The MAC address that was asked for, or one made from the IP address, which another container may have asked for.
static int choose_mac(const char *wanted, const struct endpoints *l, struct endpoint *p, struct err *e)
{
	bool asked = wanted && mac_parse(wanted, p->mac) == 0;

	if (!asked)
		mac_of_address(p->address, p->mac);
	while (!asked && find_mac(l, p->mac))
		p->mac[1]++;
	const struct endpoint *other = find_mac(l, p->mac);
	return other ? err_msg(e, EADDRINUSE, "MAC address %s is in use by container '%s'", wanted, other->container) : 0;
}

int endpoint_choose(const struct networks *n, const struct own_network *o, const char *container,
                    const struct attachment *a, const char *interface, struct endpoint *p, struct err *e)
{
	auto_endpoints l = {0};

	endpoints_read(o, &l);
	int r = l.incomplete ? err_msg(e, EIO, "cannot read the containers of network '%s'", o->name)
	                     : choose_address(o, container, a->address, &l, &p->address, e);
	if (r == 0)
		r = choose_address6(o, a->address6, &l, p, e);
	if (r == 0)
		r = choose_mac(a->mac, &l, p, e);
	if (r < 0)
		return r;
	p->routed6 = !o->isolated && !address6_is_none(&p->address6) && ipv6_forwards();
	p->container = mem_strdup(container);
	p->interface = mem_strdup(interface);
	p->link = link_name(n, o, p->address);
	strv_copy(&p->aliases, &a->aliases);
	return 0;
}

// --- the interface ---

// There may be one already, through another network.
static int add_default_route(const char *gateway, struct err *e)
{
	struct err why = {0};
	int r = netlink_add_default_route(gateway, &why);

	return r == -EEXIST ? 0 : r < 0 ? err_msg(e, -r, "%s", why.text) : 0;
}

// In the container's namespace; V6: the host forwards IPv6.
static int add_default_routes(const struct own_network *o, bool v6, struct err *e)
{
	struct address6 first6 = o->shared ? o->gateway6 : subnet6_gateway(&o->subnet6);
	auto_free char *gateway = address_text(o->gateway), *gateway6 = address6_text(&first6);
	int r = o->isolated ? 0 : add_default_route(gateway, e);

	return r < 0 || o->isolated || !v6 || !o->subnet6.prefix ? r : add_default_route(gateway6, e);
}

int endpoint_add_way(const struct own_network *o, int netns, struct err *e)
{
	bool v6 = ipv6_forwards();
	int previous = netns_enter(netns, e);

	if (previous < 0)
		return previous;
	int r = add_default_routes(o, v6, e);
	netns_return(previous);
	return r;
}

static int add_address6(const struct own_network *o, const struct endpoint *p, struct err *e)
{
	auto_free char *address = address6_text(&p->address6), *whole = mem_printf("%s/%u", address, o->subnet6.prefix);

	ipv6_prepare(p->interface);
	return netlink_add_address(p->interface, whole, e);
}

// On both ends, in an ordinary user's networks; the bridge adopts it.
static int enlarge_packets(const char *interface, struct err *e)
{
	return geteuid() == 0 ? 0 : netlink_set_mtu(interface, HELPER_MTU, e);
}

// Inside the container's namespace.
static int configure_inside(const struct own_network *o, const struct endpoint *p, int netns, struct err *e)
{
	auto_free char *address = address_text(p->address), *whole = mem_printf("%s/%u", address, o->subnet.prefix);
	bool has_v6 = !address6_is_none(&p->address6);
	int previous = netns_enter(netns, e);

	if (previous < 0)
		return previous;
	int r = enlarge_packets(p->interface, e);
	if (r == 0)
		r = netlink_set_up(p->interface, e);
	if (r == 0)
		r = netlink_add_address(p->interface, whole, e);
	if (r == 0 && has_v6)
		r = add_address6(o, p, e);
	if (o->shared) // an address by router advertisements would not be let through
		ipv6_prepare(p->interface);
	if (r == 0)
		r = add_default_routes(o, p->routed6, e);
	netns_return(previous);
	return r;
}

static void remove_link(const struct networks *n, const char *link)
{
	auto_strv names = {0};

	netlink_group(n->group, &names, NULL);
	strv_sort(&names);
	if (strv_has_sorted(&names, link))
		netlink_delete(link, NULL);
}

static int create_link(const struct networks *n, const struct own_network *o, const struct endpoint *p, int netns,
                       struct err *e)
{
	remove_link(n, p->link); // of a container that was killed
	int r = netlink_add_veth(p->link, n->group, o->bridge, p->interface, p->mac, netns, e);
	if (r == 0)
		r = enlarge_packets(p->link, e);
	if (r == 0 && p->ports.count) // so that it reaches its own published ports
		r = netlink_set_hairpin(p->link, e);
	return r == 0 ? configure_inside(o, p, netns, e) : r;
}

int endpoint_link(const struct networks *n, const struct own_network *o, const char *container, int netns,
                  struct err *e)
{
	struct endpoint p = {0};
	int r = endpoint_read(o, container, &p, e);

	if (r == 0)
		r = create_link(n, o, &p, netns, e);
	endpoint_done(&p);
	return r;
}

int endpoint_connect(const struct networks *n, const struct own_network *o, const struct endpoint *p, int netns,
                     struct err *e)
{
	int r = endpoint_write(o, p, e);

	if (r == 0 && netns >= 0)
		r = create_link(n, o, p, netns, e);
	return r;
}

// A killed rename leaves the endpoint under both names.
static bool has_another(const struct own_network *o, const struct endpoint *p)
{
	auto_endpoints l = {0};
	bool found = false;

	endpoints_read(o, &l);
	for (size_t i = 0; i < l.count; i++)
		found |= str_equal(l.items[i].link, p->link) && !str_equal(l.items[i].container, p->container);
	return found;
}

bool endpoint_disconnect(const struct networks *n, const struct own_network *o, const char *container)
{
	struct endpoint p = {0};

	if (endpoint_read(o, container, &p, NULL) == 0 && !has_another(o, &p))
		remove_link(n, p.link);
	endpoint_done(&p);
	return endpoint_remove(o, container);
}

uint32_t endpoints_published(const struct networks *n, const char *container)
{
	auto_strv names = {0};
	uint32_t address = 0;

	networks_up(n, &names);
	for (size_t i = 0; i < names.count && !address; i++) {
		auto_own_network o = {0};
		struct endpoint p = {0};
		if (own_network_read(n, names.items[i], &o, NULL) == 0 && endpoint_read(&o, container, &p, NULL) == 0)
			address = p.ports.count ? p.address : 0;
		endpoint_done(&p);
	}
	return address;
}
