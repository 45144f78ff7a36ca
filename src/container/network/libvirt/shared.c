// Containers on libvirt's networks: see shared.h.
#include "shared.h"

#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "container/network/bridge/bridge.h"
#include "container/network/record/choice.h"
#include "libvirt_files.h"
#include "reservation.h"

bool network_is_shared(const struct networks *n, const char *name)
{
	auto_own_network o = {0};

	if (own_network_read(n, name, &o, NULL) == 0)
		return o.shared;
	if (geteuid() != 0 || own_network_is_defined(n->store, name))
		return false;
	return str_equal(name, NETWORK_DEFAULT) ? shared_network_is_active(name) : shared_network_exists(name);
}

bool network_is_own_default(const struct networks *n, const char *name)
{
	return str_equal(name, NETWORK_DEFAULT) && !network_is_shared(n, name);
}

static int describe(const struct networks *n, const char *name, const struct shared_network *net,
                    struct own_network *o, struct err *e)
{
	*o = (struct own_network){.shared = true, .isolated = net->isolated, .no_dns = !net->dns};
	if (subnet_parse(net->subnet, &o->subnet, NULL) < 0 || address_parse(net->address, &o->gateway) < 0)
		return err_msg(e, EINVAL, "libvirt's network '%s' has no IPv4 subnet", name);
	o->name = mem_strdup(name);
	o->directory = mem_printf("%s/%s", n->run, name);
	o->bridge = mem_strdup(net->bridge);
	if (!net->subnet6 || subnet6_parse(net->subnet6, &o->subnet6, NULL) < 0 || !net->address6 ||
	    address6_parse(net->address6, &o->gateway6) < 0)
		o->subnet6 = (struct subnet6){0};
	o->domain = net->domain ? mem_strdup(net->domain) : NULL;
	return own_network_write(o, e);
}

static int shared_network_up(const struct networks *n, const char *container, struct attachment *a,
                             struct own_network *o, struct err *e)
{
	auto_reservation r = {0};
	int result = reservation_read(n->store, a->network, container, &r, e);

	if (!shared_network_is_active(a->network) || (result == 0 && !if_nametoindex(r.network.bridge)))
		return err_msg(e, ENETDOWN, "libvirt's network '%s' is not active (start it: hostel network start %s)",
		               a->network, a->network);
	if (result == 0)
		result = describe(n, a->network, &r.network, o, e);
	if (result < 0)
		return result;
	free(a->address);
	free(a->address6);
	free(a->mac);
	a->address = steal(r.place.address);
	a->address6 = steal(r.place.address6);
	a->mac = steal(r.place.mac);
	return 0;
}

int network_up(const struct networks *n, const char *container, struct attachment *a, struct own_network *o,
               struct err *e)
{
	return network_is_shared(n, a->network) ? shared_network_up(n, container, a, o, e)
	                                        : own_network_up(n, a->network, o, e);
}

// The place of R as A asks for it; it borrows their texts.
static struct network_place wish_of(const struct record *r, const struct attachment *a)
{
	return (struct network_place){.name = r->name, .address = a->address, .mac = a->mac, .address6 = a->address6,
	                              .aliases = a->aliases};
}

int network_reserve(const char *store, const struct record *r, struct err *e)
{
	auto_networks n = {.lock = -1, .containers = -1};
	auto_attachments wanted = {0};

	if (geteuid() != 0 || network_choose(r).mode != NETWORK_NAMED)
		return 0;
	int result = attachments_read(&wanted, &r->params, e);
	if (result == 0)
		result = networks_open(&n, store, NETWORKS_READ, e);
	for (size_t i = 0; result == 0 && i < wanted.count; i++) {
		const struct network_place wish = wish_of(r, &wanted.items[i]);
		if (network_is_shared(&n, wanted.items[i].network))
			result = reservation_make(n.store, wanted.items[i].network, &wish, e);
	}
	return result;
}
