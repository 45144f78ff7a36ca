// Texts about a libvirt network or a bridge of the host: see guest/guests.h.
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "guest/connection/call.h"
#include "guest/connection/guests.h"
#include "guest/guests.h"
#include "guest/vir/error.h"
#include "guest/vir/vir.h"
#include "guest/vir/xpath.h"

static const char bridge_key[] = "bridge/";

// --- what is on it ---

// Adds the guests with an interface of TYPE connected to SOURCE.
static void add_guests(struct guests *g, const char *type, const char *source, struct str *text)
{
	pthread_mutex_lock(&g->lock);
	for (size_t i = 0; i < g->count; i++)
		for (size_t n = 0; n < g->rows[i].facts.nic_count; n++) {
			const struct domain_nic *nic = &g->rows[i].facts.nics[n];
			if (str_equal(nic->type, type) && str_equal(nic->source, source) && g->rows[i].facts.name)
				str_addf(text, "Guest: %s %s\n", g->rows[i].facts.name, nic->mac ? nic->mac : "-");
		}
	pthread_mutex_unlock(&g->lock);
}

static void add_leases(virNetworkPtr net, struct str *text)
{
	virNetworkDHCPLeasePtr *found = NULL;
	int count = vir.NetworkGetDHCPLeases(net, NULL, &found, 0);

	for (int i = 0; i < count; i++) {
		const virNetworkDHCPLease *l = found[i];
		str_addf(text, "Lease: %s %s %s\n", l->hostname ? l->hostname : "-", l->ipaddr ? l->ipaddr : "-",
		         l->mac ? l->mac : "-");
		vir.NetworkDHCPLeaseFree(found[i]);
	}
	free(found);
}

// --- the network ---

static const struct row {
	const char *label, *xpath;
} rows[] = {
	{"Forwarding", "forward/@mode"},
	{"Bridge", "bridge/@name"},
	{"Domain", "domain/@name"},
	{"Address", "ip[not(@family='ipv6')]/@address"},
	{"IPv6 address", "ip[@family='ipv6']/@address"},
	{"DHCP from", "ip/dhcp/range/@start"},
	{"DHCP to", "ip/dhcp/range/@end"},
};

static void add_rows(virNetworkPtr net, struct str *text)
{
	char *xml = vir.NetworkGetXMLDesc(net, 0);
	struct xml *x = xml ? xml_read(xml, "network") : NULL;

	for (size_t i = 0; x && i < ARRAY_SIZE(rows); i++) {
		auto_free char *value = xml_text(x, rows[i].xpath);
		if (value)
			str_addf(text, "%s: %s\n", rows[i].label, value);
	}
	if (x)
		str_addf(text, "Internal: %s\n", xml_has(x, "forward") ? "no" : "yes");
	xml_free(x);
	free(xml);
}

static void describe(struct guests *g, virNetworkPtr net, const char *name, struct str *text)
{
	bool active = vir.NetworkIsActive(net) == 1;
	int autostart = 0;

	str_addf(text, "Name: %s\nState: %s\n", name, active ? "active" : "inactive");
	if (vir.NetworkGetAutostart(net, &autostart) == 0)
		str_addf(text, "Autostart: %s\n", autostart ? "yes" : "no");
	add_rows(net, text);
	add_guests(g, "network", name, text);
	if (active)
		add_leases(net, text);
}

// Calls WORK with the network UUID. Returns its result or negative errno.
static int with_network(struct guests *g, const char *uuid,
                        int (*work)(struct guests *g, virNetworkPtr net, void *context, struct err *e), void *context,
                        struct err *e)
{
	struct pool_slot *slot;
	int r = pool_begin(g, &slot, e);

	if (r < 0)
		return r;
	virNetworkPtr net = vir.NetworkLookupByUUIDString(slot->conn, uuid);
	r = net ? work(g, net, context, e) : guest_error(e, "cannot look up network '%s'", uuid);
	if (net)
		vir.NetworkFree(net);
	pool_end(g, slot);
	return r;
}

static int read_details(struct guests *g, virNetworkPtr net, void *context, struct err *e)
{
	auto_free char *name = mem_strdup(vir.NetworkGetName(net));

	(void)e;
	describe(g, net, name, context);
	return 0;
}

int guests_network_details(struct guests *g, const char *key, struct str *text, struct err *e)
{
	const char *bridge = str_starts(key, bridge_key) ? key + strlen(bridge_key) : NULL;

	if (!bridge)
		return with_network(g, key, read_details, text, e);
	str_addf(text, "Name: %s\nBridge: %s\n", bridge, bridge);
	add_guests(g, "bridge", bridge, text);
	return 0;
}

static int read_config(struct guests *g, virNetworkPtr net, void *context, struct err *e)
{
	char *xml = vir.NetworkGetXMLDesc(net, 0);

	(void)g;
	if (!xml)
		return guest_error(e, "cannot read the definition of a network");
	str_add(context, xml);
	free(xml);
	return 0;
}

int guests_network_config(struct guests *g, const char *key, struct str *text, struct err *e)
{
	return str_starts(key, bridge_key) ? 0 : with_network(g, key, read_config, text, e);
}

static int read_name(struct guests *g, virNetworkPtr net, void *context, struct err *e)
{
	char **name = context;

	(void)g, (void)e;
	*name = mem_strdup(vir.NetworkGetName(net));
	return 0;
}

char *guests_network_name(struct guests *g, const char *key, struct err *e)
{
	char *name = NULL;

	if (str_starts(key, bridge_key))
		return mem_strdup(key + strlen(bridge_key));
	with_network(g, key, read_name, &name, e);
	return name;
}
