// Hostel's own networks: see bridge.h.
#include "bridge.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <unistd.h>

#include "base/mem.h"
#include "forwarding.h"
#include "ipv6.h"
#include "server.h"
#include "subnets.h"
#include "sys/fs.h"
#include "sys/netlink.h"

// By its definition, else with a free subnet.
static int define_network(const struct networks *n, const char *name, struct own_network *o, struct err *e)
{
	struct err missing = {0};
	auto_free struct subnet *taken = NULL;
	size_t count = own_network_taken_subnets(&taken);
	int r = own_network_read_definition(n, name, o, &missing);

	if (r == 0)
		return own_network_check_subnet(o, taken, count, e);
	if (r != -ENOENT || !str_equal(name, NETWORK_DEFAULT))
		return r == -ENOENT ? err_msg(e, ENOENT, "no network '%s' (hostel network create %s)", name, name)
		                    : err_msg(e, -r, "%s", missing.text);
	*o = (struct own_network){.name = mem_strdup(name)};
	if (own_network_choose_subnet(n, o, e) < 0)
		return -e->code;
	o->gateway = subnet_gateway(&o->subnet);
	o->subnet6 = ipv6_subnet(n->store, name);
	o->directory = mem_printf("%s/%s", n->run, name);
	o->bridge = networks_bridge_name(n, name);
	return 0;
}

// On a host without IPv6, the network has only IPv4.
static int settle_ipv6(struct own_network *o, struct err *e)
{
	if (!ipv6_is_available())
		o->subnet6.prefix = 0;
	if (!o->subnet6.prefix || !ipv6_is_taken(&o->subnet6))
		return 0;
	auto_free char *subnet = subnet6_text(&o->subnet6);
	return err_msg(e, EADDRINUSE, "network '%s': its subnet %s overlaps one of this host (edit or recreate it)",
	               o->name, subnet);
}

static bool is_ours(const struct networks *n, const char *interface)
{
	auto_strv names = {0};

	netlink_group(n->group, &names, NULL);
	strv_sort(&names);
	return strv_has_sorted(&names, interface);
}

static int add_gateway6(const struct own_network *o, struct err *e)
{
	struct address6 first = subnet6_gateway(&o->subnet6);
	auto_free char *gateway = address6_text(&first), *address = mem_printf("%s/%u", gateway, o->subnet6.prefix);

	ipv6_prepare(o->bridge);
	int r = netlink_add_address(o->bridge, address, e);
	return r == -EEXIST ? 0 : r;
}

static int make_bridge(const struct networks *n, const struct own_network *o, struct err *e)
{
	auto_free char *gateway = address_text(subnet_gateway(&o->subnet)),
	               *address = mem_printf("%s/%u", gateway, o->subnet.prefix);
	bool exists = if_nametoindex(o->bridge) != 0;
	unsigned char mac[MAC_SIZE];

	mac_of_address(subnet_gateway(&o->subnet), mac);
	if (exists && !is_ours(n, o->bridge))
		return err_msg(e, EEXIST, "network '%s': this host already has another interface '%s'", o->name, o->bridge);
	int r = exists ? netlink_set_up(o->bridge, e) : netlink_add_bridge(o->bridge, mac, n->group, e);
	if (r == 0 && (r = netlink_add_address(o->bridge, address, e)) == -EEXIST)
		r = 0;
	return r < 0 || !o->subnet6.prefix ? r : add_gateway6(o, e);
}

// Until the bridge has its address, other stores' networks would be given the same subnet.
static int create_bridge(const struct networks *n, const char *name, struct own_network *o, struct err *e)
{
	auto_close int lock = networks_lock_host(n, "subnets.lock", "the subnets of this host", e);
	int r = lock < 0 ? lock : define_network(n, name, o, e);

	if (r == 0)
		r = settle_ipv6(o, e);
	if (r == 0)
		r = own_network_write(o, e); // first, so that the next steps can be undone
	return r == 0 ? make_bridge(n, o, e) : r;
}

static int bring_up(const struct networks *n, const char *name, struct own_network *o, struct err *e)
{
	struct err ignored;
	bool fresh = own_network_read(n, name, o, &ignored) < 0;
	int r = fresh ? create_bridge(n, name, o, e) : make_bridge(n, o, e);

	if (r == 0 && !o->isolated)
		r = forwarding_enable(n, FORWARD_IPV4, e);
	if (r == 0 && !o->isolated && o->subnet6.prefix && ipv6_may_forward())
		r = forwarding_enable(n, FORWARD_IPV6, e);
	if (r == 0 && !own_network_is_served(o) && (r = own_network_publish_names(o, e)) == 0)
		r = own_network_start_server(o, e);
	if (r < 0 && fresh && o->name)
		own_network_down(n, o);
	return r;
}

// Libvirt starts and stops its networks.
static int check_shared(const struct own_network *o, struct err *e)
{
	return if_nametoindex(o->bridge) ? 0 : err_msg(e, ENETDOWN, "libvirt's network '%s' is not active", o->name);
}

int own_network_define(const struct networks *n, const char *name, struct err *e)
{
	auto_own_network o = {0};

	if (own_network_read(n, name, &o, NULL) == 0)
		return 0;
	own_network_done(&o);
	int r = define_network(n, name, &o, e);
	if (r == 0)
		r = settle_ipv6(&o, e);
	return r == 0 ? own_network_write(&o, e) : r;
}

int own_network_up(const struct networks *n, const char *name, struct own_network *o, struct err *e)
{
	struct err ignored;

	if (own_network_read(n, name, o, &ignored) == 0 && o->shared)
		return check_shared(o, e);
	own_network_done(o);
	return bring_up(n, name, o, e);
}

void own_network_down(const struct networks *n, const struct own_network *o)
{
	auto_close int run = open(n->run, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (!o->shared)
		own_network_stop_server(o);
	if (!o->shared && is_ours(n, o->bridge))
		netlink_delete(o->bridge, NULL);
	if (run >= 0)
		fs_remove_tree(run, o->name, NULL);
	if (!o->isolated)
		forwarding_restore(n);
}

void own_network_settle(const struct networks *n, const struct own_network *o)
{
	auto_endpoints l = {0};

	endpoints_read(o, &l);
	if (!l.count && !l.incomplete && !o->kept)
		own_network_down(n, o);
}
