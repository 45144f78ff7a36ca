// The networks of guests as ids: see attached.h.
#include "attached.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "guest/host/uri.h"
#include "model/id.h"

static const char by_network[] = "network", by_bridge[] = "bridge";

bool bridge_exists(const char *name)
{
	auto_free char *path = mem_printf("/sys/class/net/%s/bridge", name);

	return access(path, F_OK) == 0;
}

char *bridge_key(const char *name)
{
	return mem_printf("bridge/%s", name);
}

void attachable_done(struct attachable *a)
{
	params_done(&a->ids);
}

// Whether a guest has an interface of TYPE.
static bool has_interface(struct guests *g, const char *type)
{
	bool found = false;

	pthread_mutex_lock(&g->lock);
	for (size_t i = 0; i < g->count; i++)
		for (size_t n = 0; n < g->rows[i].facts.nic_count; n++)
			found |= str_equal(g->rows[i].facts.nics[n].type, type);
	pthread_mutex_unlock(&g->lock);
	return found;
}

static void add_id(struct attachable *a, const char *type, const char *name, const char *uuid)
{
	auto_free char *key = mem_printf("%s %s", type, name), *id = id_make("libvirt", KIND_NETWORK, uuid);

	params_add(&a->ids, key, id);
}

static void add_network(struct attachable *a, virNetworkPtr net, bool bridges)
{
	char uuid[VIR_UUID_STRING_BUFLEN];
	const char *name = vir.NetworkGetName(net);

	if (!name || vir.NetworkGetUUIDString(net, uuid) < 0)
		return;
	char *bridge = bridges ? vir.NetworkGetBridgeName(net) : NULL;
	add_id(a, by_network, name, uuid);
	if (bridge)
		add_id(a, by_bridge, bridge, uuid);
	free(bridge);
}

// The name of a network's bridge costs a call of its own.
void attachable_read(struct attachable *a, struct guests *g, virConnectPtr conn)
{
	bool bridges = has_interface(g, by_bridge);
	virNetworkPtr *nets = NULL;
	int count = bridges || has_interface(g, by_network) ? vir.ConnectListAllNetworks(conn, &nets, 0) : 0;

	a->local = uri_is_local(g->uri);
	for (int i = 0; i < count; i++) {
		add_network(a, nets[i], bridges);
		vir.NetworkFree(nets[i]);
	}
	free(nets);
}

// One of the host's bridges that is not libvirt's. Owned, NULL: none.
static char *bridge_id(const struct attachable *a, const struct domain_nic *nic)
{
	auto_free char *key = bridge_key(nic->source);

	return a->local && str_equal(nic->type, by_bridge) && bridge_exists(nic->source)
	           ? id_make("libvirt", KIND_NETWORK, key)
	           : NULL;
}

void attachable_add(const struct attachable *a, const struct domain_nic *nic, struct strv *ids)
{
	if (!nic->type || !nic->source)
		return;
	auto_free char *key = mem_printf("%s %s", nic->type, nic->source), *bridge = bridge_id(a, nic);
	const char *known = params_get(&a->ids, key), *id = known ? known : bridge;

	if (id && !strv_has(ids, id))
		strv_add(ids, id);
}
