// Listing networks, disks and interfaces: see items.h.
#include "items.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "disk_sizes.h"
#include "guest/definition/facts.h"
#include "guest/host/uri.h"
#include "guest/vir/xpath.h"
#include "model/device.h"
#include "model/id.h"
#include "model/network.h"
#include "model/workload.h"

// --- attached guests

static bool is_attached(const struct domain_nic *nic, const char *type, const char *source)
{
	return str_equal(nic->type, type) && str_equal(nic->source, source);
}

// Adds the names of the guests that have an interface of TYPE connected to SOURCE.
static void add_attached(struct guests *g, const char *type, const char *source, struct strv *names)
{
	pthread_mutex_lock(&g->lock);
	for (size_t i = 0; i < g->count; i++) {
		const struct domain_facts *f = &g->rows[i].facts;
		bool attached = false;

		for (size_t n = 0; n < f->nic_count; n++)
			attached |= is_attached(&f->nics[n], type, source);
		if (attached && f->name)
			strv_add(names, f->name);
	}
	pthread_mutex_unlock(&g->lock);
}

// --- libvirt networks

static void add_address(struct xml *x, void *context)
{
	auto_free char *address = xml_text(x, "@address"), *netmask = xml_text(x, "@netmask"),
	               *prefix = xml_text(x, "@prefix");
	struct in_addr mask;
	struct str *out = context;

	if (!address)
		return;
	str_addf(out, "%s%s", out->length ? "," : "", address);
	if (prefix)
		str_addf(out, "/%s", prefix);
	else if (netmask && inet_pton(AF_INET, netmask, &mask) == 1)
		str_addf(out, "/%d", __builtin_popcount(mask.s_addr));
}

static char *addresses_of(virNetworkPtr net)
{
	char *text = vir.NetworkGetXMLDesc(net, 0);
	struct xml *x = text ? xml_read(text, "network") : NULL;
	auto_str out = {0};

	if (x)
		xml_each(x, "ip", add_address, &out);
	xml_free(x);
	free(text);
	return out.length ? str_steal(&out) : NULL;
}

static void add_leases(virNetworkPtr net, struct strv *leases)
{
	virNetworkDHCPLeasePtr *found = NULL;
	int count = vir.NetworkGetDHCPLeases(net, NULL, &found, 0);

	for (int i = 0; i < count; i++) {
		const virNetworkDHCPLease *l = found[i];

		strv_addf(leases, "%s %s%s%s", l->mac ? l->mac : "-", l->ipaddr ? l->ipaddr : "-", l->hostname ? " " : "",
		          l->hostname ? l->hostname : "");
		vir.NetworkDHCPLeaseFree(found[i]);
	}
	free(found);
}

static void add_network(struct guests *g, virNetworkPtr net, struct inventory *inv, struct strv *bridges)
{
	struct network n = {.kind = KIND_NETWORK};
	char uuid[VIR_UUID_STRING_BUFLEN];
	const char *name = vir.NetworkGetName(net);
	bool active = vir.NetworkIsActive(net) == 1;
	int autostart = 0;
	char *bridge = vir.NetworkGetBridgeName(net);

	if (!name || vir.NetworkGetUUIDString(net, uuid) < 0) {
		free(bridge);
		return;
	}
	n.state = active ? STATE_ACTIVE : STATE_INACTIVE;
	n.autostart = vir.NetworkGetAutostart(net, &autostart) == 0 && autostart;
	n.persistent = vir.NetworkIsPersistent(net) == 1;
	n.addresses = addresses_of(net);
	if (active)
		add_leases(net, &n.leases);
	add_attached(g, "network", name, &n.used_by);
	if (g->neighbours && !guests_is_session(g))
		g->neighbours(name, &n.leases, &n.used_by);
	if (bridge)
		strv_add(bridges, bridge);
	n.bridge = bridge;
	id_fill(&n.item, "libvirt", uuid, name);
	inventory_upsert_item(inv, &n.item);
}

// A network that nobody wants to see is counted; its bridge must be known all the same.
static void count_network(virNetworkPtr net, struct inventory *inv, struct strv *bridges)
{
	char *bridge = vir.NetworkGetBridgeName(net);

	if (bridge)
		strv_add(bridges, bridge);
	free(bridge);
	inventory_count_more(inv, KIND_NETWORK, 1);
}

static void list_networks(struct guests *g, virConnectPtr conn, struct inventory *inv, struct strv *bridges)
{
	virNetworkPtr *nets = NULL;
	int count = vir.ConnectListAllNetworks(conn, &nets, 0);

	for (int i = 0; i < count; i++) {
		if (inventory_wants(inv, KIND_NETWORK))
			add_network(g, nets[i], inv, bridges);
		else
			count_network(nets[i], inv, bridges);
		vir.NetworkFree(nets[i]);
	}
	free(nets);
}

// --- host bridges

static int prefix_length(const struct sockaddr *mask)
{
	const uint8_t *bytes = mask->sa_family == AF_INET
	                           ? (const uint8_t *)&((const struct sockaddr_in *)mask)->sin_addr
	                           : (const uint8_t *)&((const struct sockaddr_in6 *)mask)->sin6_addr;
	int length = 0;

	for (size_t i = 0; i < (mask->sa_family == AF_INET ? sizeof(struct in_addr) : sizeof(struct in6_addr)); i++)
		length += __builtin_popcount(bytes[i]);
	return length;
}

static void add_host_address(struct str *out, const struct ifaddrs *a)
{
	char text[INET6_ADDRSTRLEN];
	const void *address = a->ifa_addr->sa_family == AF_INET
	                          ? (const void *)&((const struct sockaddr_in *)a->ifa_addr)->sin_addr
	                          : (const void *)&((const struct sockaddr_in6 *)a->ifa_addr)->sin6_addr;

	if (inet_ntop(a->ifa_addr->sa_family, address, text, sizeof(text)))
		str_addf(out, "%s%s/%d", out->length ? "," : "", text, a->ifa_netmask ? prefix_length(a->ifa_netmask) : 0);
}

static void add_bridge(struct guests *g, const char *name, const struct ifaddrs *all, struct inventory *inv)
{
	auto_free char *key = bridge_key(name);
	struct network n = {.kind = KIND_NETWORK, .state = STATE_INACTIVE, .bridge = mem_strdup(name)};
	auto_str addresses = {0};

	for (const struct ifaddrs *a = all; a; a = a->ifa_next) {
		if (strcmp(a->ifa_name, name) != 0)
			continue;
		n.state = a->ifa_flags & IFF_UP ? STATE_ACTIVE : STATE_INACTIVE;
		if (a->ifa_addr && (a->ifa_addr->sa_family == AF_INET || a->ifa_addr->sa_family == AF_INET6))
			add_host_address(&addresses, a);
	}
	n.addresses = addresses.length ? str_steal(&addresses) : NULL;
	add_attached(g, "bridge", name, &n.used_by);
	id_fill(&n.item, "libvirt", key, name);
	inventory_upsert_item(inv, &n.item);
}

// Skips OWN, the bridges of libvirt networks.
static void list_bridges(struct guests *g, struct inventory *inv, const struct strv *own)
{
	DIR *dir = opendir("/sys/class/net");
	struct ifaddrs *all = NULL;
	struct dirent *entry;

	if (getifaddrs(&all) < 0)
		all = NULL;
	while (dir && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.' || !bridge_exists(entry->d_name) || strv_has(own, entry->d_name))
			continue;
		if (inventory_wants(inv, KIND_NETWORK))
			add_bridge(g, entry->d_name, all, inv);
		else
			inventory_count_more(inv, KIND_NETWORK, 1);
	}
	freeifaddrs(all);
	if (dir)
		closedir(dir);
}

// --- disks and interfaces

static void fill_device(struct device *d, const struct guest *row, const char *name)
{
	auto_free char *key = mem_printf("%s/%s", row->uuid, name);

	d->state = row->active ? STATE_ACTIVE : STATE_INACTIVE;
	d->owner = id_make("libvirt", KIND_GUEST, row->uuid);
	d->tree = mem_strdup(d->owner);
	strv_add(&d->used_by, row->facts.name);
	id_fill(&d->item, "libvirt", key, name);
}

static void add_disk(const struct guest *row, const struct domain_disk *disk, struct inventory *inv)
{
	struct device d = {.kind = KIND_DISK, .source = mem_strdup(disk->source), .format = mem_strdup(disk->format)};

	if (!row->active) {
		d.size = disk->size;
		d.allocated = disk->allocated;
	}
	fill_device(&d, row, disk->target);
	inventory_upsert_item(inv, &d.item);
}

static void add_interface(const struct guest *row, const struct domain_nic *nic, const struct attachable *networks,
                          struct inventory *inv)
{
	struct device d = {.kind = KIND_INTERFACE,
	                   .source = mem_strdup(nic->source ? nic->source : nic->type),
	                   .format = mem_strdup(nic->model),
	                   .mac = mem_strdup(nic->mac)};

	attachable_add(networks, nic, &d.uses);
	fill_device(&d, row, nic->mac);
	inventory_upsert_item(inv, &d.item);
}

static void list_devices(struct guests *g, const struct attachable *networks, struct inventory *inv)
{
	pthread_mutex_lock(&g->lock);
	for (size_t i = 0; i < g->count; i++) {
		const struct guest *row = &g->rows[i];

		for (size_t n = 0; row->facts.name && n < row->facts.disk_count; n++)
			if (row->facts.disks[n].target)
				add_disk(row, &row->facts.disks[n], inv);
		for (size_t n = 0; row->facts.name && n < row->facts.nic_count; n++)
			if (row->facts.nics[n].mac)
				add_interface(row, &row->facts.nics[n], networks, inv);
	}
	pthread_mutex_unlock(&g->lock);
}

void items_list(struct guests *g, virConnectPtr conn, const struct attachable *networks, struct inventory *inv)
{
	auto_strv bridges = {0};

	if (inventory_counts(inv, KIND_NETWORK)) {
		list_networks(g, conn, inv, &bridges);
		if (uri_is_local(g->uri))
			list_bridges(g, inv, &bridges);
	}
	if (inventory_wants(inv, KIND_DISK))
		disk_sizes_update(g, conn);
	if (inventory_counts(inv, KIND_DISK) || inventory_counts(inv, KIND_INTERFACE))
		list_devices(g, networks, inv);
}
