// Listing networks: see networks.h.
#include "networks.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "container/network/bridge/publish.h"
#include "container/network/firewall/passage.h"
#include "container/network/helper/helper.h"
#include "container/network/libvirt/libvirt_files.h"
#include "container/network/libvirt/shared.h"
#include "container/network/record/attachment.h"
#include "container/network/record/choice.h"
#include "container/network/record/definition.h"
#include "container/network/record/state.h"
#include "container/network/space.h"
#include "container/networks.h"
#include "container/store/store.h"
#include "model/id.h"
#include "model/network.h"
#include "model/param.h"

// The networks that are up, those that are defined, and hostel's default, sorted; a name may occur several times.
static void add_names(const struct networks *n, struct strv *names)
{
	networks_up(n, names);
	own_network_definitions(n->store, names);
	if (network_is_own_default(n, NETWORK_DEFAULT))
		strv_add(names, NETWORK_DEFAULT);
	strv_sort(names);
}

// A subnet is chosen when it goes up.
static int describe_default(const struct networks *n, struct own_network *o)
{
	*o = (struct own_network){.name = mem_strdup(NETWORK_DEFAULT), .bridge = networks_bridge_name(n, NETWORK_DEFAULT)};
	return 0;
}

// Returns whether NAME is up; O describes it either way, unless an error is returned.
static int read_network(const struct networks *n, const char *name, struct own_network *o, bool *up, struct err *e)
{
	*up = (geteuid() == 0 || network_space_exists(n)) && own_network_read(n, name, o, e) == 0;
	int r = *up ? 0 : own_network_read_definition(n, name, o, e);
	return r == -ENOENT && network_is_own_default(n, name) ? describe_default(n, o) : r;
}

bool network_is_listed(const struct networks *n, const char *name)
{
	auto_own_network o = {0};
	struct err ignored;
	bool up;

	return read_network(n, name, &o, &up, &ignored) == 0;
}

static void add_endpoints(const struct own_network *o, struct strv *leases, struct strv *names)
{
	auto_endpoints l = {0};

	endpoints_read(o, &l);
	for (size_t i = 0; i < l.count; i++) {
		auto_free char *mac = mac_text(l.items[i].mac), *address = address_text(l.items[i].address);
		strv_addf(leases, "%s %s %s", mac, address, l.items[i].container);
		strv_add(names, l.items[i].container);
	}
}

static char *host_addresses(const struct own_network *o)
{
	struct address6 first6 = subnet6_gateway(&o->subnet6);
	auto_free char *gateway = address_text(subnet_gateway(&o->subnet)), *gateway6 = address6_text(&first6),
	               *more = o->subnet6.prefix ? mem_printf(",%s/%u", gateway6, o->subnet6.prefix) : mem_strdup("");

	return mem_printf("%s/%u%s", gateway, o->subnet.prefix, more);
}

static void list_network(const struct networks *n, const char *name, struct inventory *inv)
{
	auto_own_network o = {0};
	struct network net = {.kind = KIND_NETWORK};
	struct err e = {0};
	bool up = false;

	if (read_network(n, name, &o, &up, &e) < 0 || o.shared)
		return; // removed meanwhile, or listed by libvirt
	net.state = up ? STATE_ACTIVE : STATE_INACTIVE;
	net.bridge = mem_strdup(o.bridge);
	net.addresses = o.subnet.prefix ? host_addresses(&o) : NULL;
	net.persistent = own_network_is_defined(n->store, name);
	if (up)
		add_endpoints(&o, &net.leases, &net.used_by);
	id_fill(&net.item, "bunk", name, name);
	inventory_upsert_item(inv, &net.item);
}

void networks_list(struct containers *c, struct inventory *inv)
{
	auto_networks n = {.lock = -1, .containers = -1};
	auto_strv names = {0};
	struct err ignored;

	if (networks_open(&n, c->store.path, NETWORKS_READ, &ignored) < 0)
		return;
	add_names(&n, &names);
	for (size_t i = 0; i < names.count; i++) {
		if (i > 0 && str_equal(names.items[i], names.items[i - 1]))
			continue;
		if (inventory_wants(inv, KIND_NETWORK))
			list_network(&n, names.items[i], inv);
		else
			inventory_count_more(inv, KIND_NETWORK, 1);
	}
}

static void add_address(const struct networks *n, const char *network, const char *container, struct str *out)
{
	auto_own_network o = {0};
	struct endpoint p = {0};

	if (own_network_read(n, network, &o, NULL) == 0 && endpoint_read(&o, container, &p, NULL) == 0) {
		auto_free char *address = address_text(p.address), *address6 = address6_text(&p.address6);
		str_addf(out, "%s%s", out->length ? "," : "", address);
		if (!address6_is_none(&p.address6))
			str_addf(out, ",%s", address6);
	}
	endpoint_done(&p);
}

static char *own_addresses(struct containers *c, const struct record *r)
{
	auto_networks n = {.lock = -1, .containers = -1};
	auto_attachments l = {0};
	auto_str out = {0};
	struct err ignored;

	if (attachments_read(&l, &r->params, &ignored) == 0 &&
	    networks_open(&n, c->store.path, NETWORKS_READ, &ignored) == 0)
		for (size_t i = 0; i < l.count; i++)
			add_address(&n, l.items[i].network, r->name, &out);
	return out.length ? str_steal(&out) : NULL;
}

char *network_addresses(struct containers *c, const struct record *r)
{
	if (network_choose(r).mode != NETWORK_NAMED)
		return NULL;
	return network_is_private(r) ? mem_strdup(HELPER_ADDRESS) : own_addresses(c, r);
}

static bool may_publish(const struct record *r)
{
	return network_choose(r).mode == NETWORK_NAMED &&
	       (*params_or(&r->params, PARAM_PUBLISH, "") || record_has(r, PARAM_PUBLISH_ALL));
}

static void add_ports(const struct networks *n, const char *network, const char *container, struct strv *ports)
{
	auto_own_network o = {0};
	struct endpoint p = {0};

	if (own_network_read(n, network, &o, NULL) == 0 && endpoint_read(&o, container, &p, NULL) == 0)
		ports_texts(&p.ports, ports);
	endpoint_done(&p);
}

void network_ports(struct containers *c, const struct record *r, struct strv *ports)
{
	auto_networks n = {.lock = -1, .containers = -1};
	auto_attachments l = {0};
	struct err ignored;

	if (may_publish(r) && attachments_read(&l, &r->params, &ignored) == 0 &&
	    networks_open(&n, c->store.path, NETWORKS_READ, &ignored) == 0)
		for (size_t i = 0; i < l.count; i++)
			add_ports(&n, l.items[i].network, r->name, ports);
}

char *network_trouble(struct containers *c, const struct record *r)
{
	auto_networks n = {.lock = -1, .containers = -1};
	struct err ignored;

	if (geteuid() != 0 || !may_publish(r) || networks_open(&n, c->store.path, NETWORKS_READ, &ignored) < 0)
		return NULL;
	return passage_obstacle(&n);
}

// Why the default network is hostel's and not libvirt's, if libvirt has one.
static const char *why_own(const char *name)
{
	return str_equal(name, NETWORK_DEFAULT) && shared_network_exists(name) && !shared_network_is_active(name)
	           ? " (libvirt's is not active: hostel --" OPTION_ENGINE " libvirt network start " NETWORK_DEFAULT ")"
	           : "";
}

void network_add_details(struct containers *c, const struct record *r, struct str *text)
{
	auto_networks n = {.lock = -1, .containers = -1};
	auto_attachments l = {0};
	struct err ignored;

	if (geteuid() != 0 || network_choose(r).mode != NETWORK_NAMED || attachments_read(&l, &r->params, &ignored) < 0 ||
	    networks_open(&n, c->store.path, NETWORKS_READ, &ignored) < 0)
		return;
	for (size_t i = 0; i < l.count; i++) {
		const char *name = l.items[i].network;
		if (network_is_shared(&n, name))
			str_addf(text, "Network %s: libvirt's\n", name);
		else
			str_addf(text, "Network %s: hostel's%s\n", name, why_own(name));
	}
}

static void add_containers(const struct own_network *o, struct str *text)
{
	auto_endpoints l = {0};

	endpoints_read(o, &l);
	for (size_t i = 0; i < l.count; i++) {
		auto_free char *mac = mac_text(l.items[i].mac), *address = address_text(l.items[i].address);
		auto_free char *address6 = address6_text(&l.items[i].address6);
		str_addf(text, "Container: %s %s %s", l.items[i].container, address, mac);
		str_addf(text, address6_is_none(&l.items[i].address6) ? "\n" : " %s\n", address6);
		for (size_t k = 0; k < l.items[i].ports.count; k++) {
			auto_free char *port = port_text(&l.items[i].ports.items[k]);
			str_addf(text, "Port: %s %s\n", port, l.items[i].container);
		}
	}
}

static void add_helper(struct str *text)
{
	struct err e = {0};
	auto_free char *reason = helper_describe(&e);

	str_addf(text, "Helper: %s\n", reason ? reason : e.text);
}

static void add_subnet(const struct own_network *o, struct str *text)
{
	auto_free char *subnet = subnet_text(&o->subnet), *gateway = address_text(subnet_gateway(&o->subnet));

	if (o->subnet.prefix)
		str_addf(text, "Subnet: %s\nGateway: %s\n", subnet, gateway);
	else
		str_addf(text, "Subnet: chosen when it starts\n");
}

static void add_details(const struct networks *n, const struct own_network *o, bool up, struct str *text)
{
	str_addf(text, "Name: %s\nState: %s\nBridge: %s\n", o->name, up ? "active" : "inactive", o->bridge);
	add_subnet(o, text);
	str_addf(text, "Internal: %s\n", o->isolated ? "yes" : "no");
	if (o->subnet6.prefix) {
		auto_free char *subnet6 = subnet6_text(&o->subnet6);
		str_addf(text, "IPv6 subnet: %s\n", subnet6);
	}
	if (up)
		str_addf(text, "Source addresses: %s\n",
		         networks_check_sources(n) ? "checked" : "not checked (no nftables for bridges)");
	if (geteuid() != 0)
		add_helper(text);
	if (up)
		add_containers(o, text);
}

// Reads libvirt's network NAME of the default store, if containers are on it.
static bool read_shared(const char *name, struct own_network *o)
{
	auto_networks n = {.lock = -1, .containers = -1};
	auto_free char *store = store_where(NULL);
	struct err ignored;

	return geteuid() == 0 && store && networks_open(&n, store, NETWORKS_READ, &ignored) == 0 &&
	       own_network_read(&n, name, o, &ignored) == 0 && o->shared;
}

void containers_on_network(const char *network, struct strv *leases, struct strv *names)
{
	auto_own_network o = {0};

	if (read_shared(network, &o))
		add_endpoints(&o, leases, names);
}

void containers_on_network_details(const char *network, struct str *text)
{
	auto_own_network o = {0};

	if (read_shared(network, &o))
		add_containers(&o, text);
}

int containers_network_read(struct containers *c, const char *name, enum document what, struct str *text,
                            struct err *e)
{
	auto_networks n = {.lock = -1, .containers = -1};
	auto_own_network o = {0};
	bool up = false;

	bool definition = what == DOCUMENT_DEFINITION || what == DOCUMENT_CONFIG;

	if (what != DOCUMENT_DETAILS && !definition)
		return 0;
	int r = networks_open(&n, c->store.path, NETWORKS_READ, e);
	if (r == 0 && definition)
		r = own_network_read_editable(&n, name, &o, e);
	else if (r == 0)
		r = read_network(&n, name, &o, &up, e);
	if (r < 0)
		return r;
	if (definition)
		network_definition_write(&o, text);
	else
		add_details(&n, &o, up, text);
	return 0;
}
