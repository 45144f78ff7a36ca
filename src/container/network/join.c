// Joining and leaving a network: see network.h.
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "bridge.h"
#include "choice.h"
#include "claim.h"
#include "container/store/store.h"
#include "model/param.h"
#include "network.h"
#include "state.h"
#include "sys/netlink.h"
#include "sys/netns.h"
#include "sys/proc.h"

// --- one network ---

static void add_used(const struct endpoints *l, uint32_t *used)
{
	for (size_t i = 0; i < l->count; i++)
		used[i] = l->items[i].address;
}

// The address that was asked for.
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

static int choose_address(const struct own_network *o, const struct record *r, const struct endpoints *l,
                          uint32_t *address, struct err *e)
{
	const char *wanted = params_or(&r->params, PARAM_IP, NULL);
	auto_free uint32_t *used = mem_array(l->count + 1, sizeof(*used));

	if (wanted)
		return wanted_address(o, l, wanted, address, e);
	add_used(l, used);
	*address = subnet_choose_address(&o->subnet, str_hash(r->name), used, l->count);
	return *address ? 0 : err_msg(e, EADDRNOTAVAIL, "network '%s' has no free address", o->name);
}

// Addresses are unique in the network, and the group says whose the interface is.
static char *link_name(const struct networks *n, const struct own_network *o, uint32_t address)
{
	auto_free char *whole = mem_printf("%s/%s/%08x", n->store, o->name, address);

	return mem_printf("vh%08x", str_hash(whole));
}

static int fill_endpoint(const struct networks *n, const struct own_network *o, const struct record *r,
                         struct endpoint *p, struct err *e)
{
	const char *mac = params_or(&r->params, PARAM_MAC_ADDRESS, NULL), *value;
	auto_endpoints l = {0};

	endpoints_read(o, &l);
	int result = l.incomplete ? err_msg(e, EIO, "cannot read the containers of network '%s'", o->name)
	                          : choose_address(o, r, &l, &p->address, e);
	if (result < 0)
		return result;
	p->container = mem_strdup(r->name);
	p->link = link_name(n, o, p->address);
	if (!mac || mac_parse(mac, p->mac) < 0)
		mac_of_address(p->address, p->mac);
	for (size_t i = 0; (value = params_get_nth(&r->params, PARAM_NETWORK_ALIAS, i)); i++)
		strv_add(&p->aliases, value);
	for (size_t i = 0; result == 0 && (value = params_get_nth(&r->params, PARAM_PUBLISH, i)); i++)
		if (*value)
			result = ports_parse(&p->ports, value, e);
	return result;
}

static int compare_ports(const struct endpoint *p, const struct endpoint *other, struct err *e)
{
	for (size_t i = 0; i < p->ports.count; i++)
		for (size_t k = 0; k < other->ports.count; k++)
			if (port_conflicts(&p->ports.items[i], &other->ports.items[k])) {
				auto_free char *text = port_text(&p->ports.items[i]);
				return err_msg(e, EADDRINUSE, "cannot publish port %s: %u is in use by container '%s'", text,
				               p->ports.items[i].outside, other->container);
			}
	return 0;
}

// Bound sockets that do not listen are in no table of /proc, so the store's own containers are asked first.
static int refuse_published(const struct networks *n, const struct endpoint *p, struct err *e)
{
	auto_strv names = {0};
	int r = 0;

	networks_up(n, &names);
	for (size_t i = 0; r == 0 && i < names.count; i++) {
		auto_own_network o = {0};
		auto_endpoints l = {0};
		if (own_network_read(n, names.items[i], &o, NULL) < 0)
			continue;
		endpoints_read(&o, &l);
		for (size_t k = 0; r == 0 && k < l.count; k++)
			r = compare_ports(p, &l.items[k], e);
	}
	return r;
}

static int claim(const struct networks *n, const struct own_network *o, const struct endpoint *p,
                 struct network_hold *hold, struct err *e)
{
	if (refuse_published(n, p, e) < 0)
		return -e->code;
	if (p->ports.count && o->isolated)
		return err_msg(e, EINVAL, "network '%s' is isolated: its containers cannot publish ports", o->name);
	hold->sockets = mem_array(p->ports.count + 1, sizeof(*hold->sockets));
	int r = ports_claim(&p->ports, hold->sockets, e);
	hold->socket_count = r == 0 ? p->ports.count : 0;
	return r;
}

// Inside the container's namespace.
static int configure_inside(const struct own_network *o, const struct endpoint *p, int netns, struct err *e)
{
	auto_free char *address = address_text(p->address), *whole = mem_printf("%s/%u", address, o->subnet.prefix),
	               *gateway = address_text(subnet_gateway(&o->subnet));
	int previous = netns_enter(netns, e);

	if (previous < 0)
		return previous;
	int r = netlink_set_up("eth0", e);
	if (r == 0)
		r = netlink_add_address("eth0", whole, e);
	if (r == 0 && !o->isolated)
		r = netlink_add_default_route(gateway, e);
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

static int connect_endpoint(const struct networks *n, const struct own_network *o, const struct endpoint *p, int netns,
                            struct err *e)
{
	int r = endpoint_write(o, p, e);

	if (r == 0)
		remove_link(n, p->link); // of a container that was killed
	if (r == 0)
		r = netlink_add_veth(p->link, n->group, o->bridge, "eth0", p->mac, netns, e);
	if (r == 0 && p->ports.count) // so that it reaches its own published ports
		r = netlink_set_hairpin(p->link, e);
	if (r == 0)
		r = configure_inside(o, p, netns, e);
	if (r == 0)
		r = own_network_publish_names(o, e);
	return r == 0 ? networks_apply_rules(n, e) : r;
}

// Removes CONTAINER from O; returns whether it was on it.
static bool disconnect(const struct networks *n, const struct own_network *o, const char *container)
{
	auto_endpoints l = {0};

	endpoints_read(o, &l);
	for (size_t i = 0; i < l.count; i++)
		if (str_equal(l.items[i].container, container))
			remove_link(n, l.items[i].link);
	return endpoint_remove(o, container);
}

// After endpoints were removed from O.
static void settle(const struct networks *n, const struct own_network *o)
{
	auto_endpoints l = {0};
	struct err ignored;

	endpoints_read(o, &l);
	if (l.count)
		own_network_publish_names(o, &ignored);
	else if (!l.incomplete)
		own_network_down(n, o);
}

static bool remove_dead(const struct networks *n, const struct own_network *o, bool remove, struct strv *found)
{
	auto_endpoints l = {0};
	bool removed = false;

	endpoints_read(o, &l);
	for (size_t i = 0; i < l.count; i++) {
		if (endpoint_is_alive(n, &l.items[i]))
			continue;
		if (found)
			strv_addf(found, "container '%s' on network '%s'", l.items[i].container, o->name);
		removed |= remove && disconnect(n, o, l.items[i].container);
	}
	return removed;
}

// --- all networks ---

// Removes dead containers from all networks.
static bool sweep_endpoints(const struct networks *n, bool remove, struct strv *found)
{
	auto_strv names = {0};
	bool changed = false;

	networks_up(n, &names);
	for (size_t i = 0; i < names.count; i++) {
		auto_own_network o = {0};
		if (own_network_read(n, names.items[i], &o, NULL) == 0 && remove_dead(n, &o, remove, found)) {
			settle(n, &o);
			changed = true;
		}
	}
	return changed;
}

// Adds the interfaces that the networks should have. Fails if they are not known: a damaged network may be in use.
static int add_expected(const struct networks *n, struct strv *expected, struct err *e)
{
	auto_strv names = {0};
	int r = networks_up(n, &names);

	if (r < 0)
		return err_set(e, -r, "cannot read the networks");
	for (size_t i = 0; i < names.count; i++) {
		auto_own_network o = {0};
		auto_endpoints l = {0};
		r = own_network_read(n, names.items[i], &o, e);
		if (r < 0)
			return r;
		endpoints_read(&o, &l);
		if (l.incomplete)
			return err_msg(e, EIO, "cannot read the containers of network '%s'", o.name);
		strv_add(expected, o.bridge);
		for (size_t k = 0; k < l.count; k++)
			strv_add(expected, l.items[k].link);
	}
	strv_sort(expected);
	return 0;
}

static int sweep_links(const struct networks *n, bool remove, struct strv *found, struct err *e)
{
	auto_strv links = {0}, expected = {0};

	netlink_group(n->group, &links, NULL);
	int r = add_expected(n, &expected, e);
	if (r < 0)
		return r;
	for (size_t i = 0; i < links.count; i++) {
		if (strv_has_sorted(&expected, links.items[i]))
			continue;
		if (found)
			strv_addf(found, "network interface '%s'", links.items[i]);
		if (remove)
			netlink_delete(links.items[i], NULL);
	}
	return 0;
}

int network_sweep(const char *store, bool remove, struct strv *found, struct err *e)
{
	auto_networks n = {.lock = -1, .containers = -1};
	int r = geteuid() == 0 ? networks_open(&n, store, NETWORKS_CHANGE, e) : -ENOENT;

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	bool changed = sweep_endpoints(&n, remove, found);
	r = sweep_links(&n, remove, found, e);
	int applied = changed ? networks_apply_rules(&n, r < 0 ? NULL : e) : 0;
	return r < 0 ? r : applied;
}

// --- joining ---

static void describe(const struct own_network *o, const struct endpoint *p, struct record *r)
{
	r->join.address = address_text(p->address);
	r->join.server = address_text(subnet_gateway(&o->subnet));
}

static int join_named(const char *store, const char *name, struct record *r, struct network_hold *hold,
                      struct err *e)
{
	auto_networks n = {.lock = -1, .containers = -1};
	auto_own_network o = {0};
	struct endpoint p = {0};
	int result = networks_open(&n, store, NETWORKS_CREATE, e);

	if (result == 0) {
		sweep_endpoints(&n, true, NULL); // addresses and ports of killed containers become free
		result = own_network_up(&n, name, &o, e);
	}
	if (result == 0)
		result = fill_endpoint(&n, &o, r, &p, e);
	if (result == 0)
		result = claim(&n, &o, &p, hold, e);
	if (result == 0)
		result = connect_endpoint(&n, &o, &p, hold->netns, e);
	if (result == 0)
		describe(&o, &p, r);
	else if (o.name) {
		struct err ignored;
		disconnect(&n, &o, r->name);
		settle(&n, &o);
		networks_apply_rules(&n, &ignored);
	}
	endpoint_done(&p);
	return result;
}

// An ordinary user's: one for each container, with an address that is always the same.
static int join_private(const char *name, struct record *r, struct network_hold *hold, struct err *e)
{
	static const char *const of_root[] = {PARAM_IP, PARAM_MAC_ADDRESS, PARAM_NETWORK_ALIAS};
	auto_free int *sockets = NULL;
	const char *value;
	int result = 0;

	if (!str_equal(name, NETWORK_DEFAULT))
		return err_msg(e, EPERM, "only root can use network '%s' (others: none, host or default)", name);
	for (size_t i = 0; i < ARRAY_SIZE(of_root); i++)
		if (*params_or(&r->params, of_root[i], ""))
			return err_msg(e, EPERM, "'--%s' needs a network of root", of_root[i]);
	for (size_t i = 0; result == 0 && (value = params_get_nth(&r->params, PARAM_PUBLISH, i)); i++)
		result = *value ? ports_parse(&hold->ports, value, e) : 0;
	if (result < 0)
		return result;
	sockets = mem_array(hold->ports.count + 1, sizeof(*sockets));
	result = ports_claim(&hold->ports, sockets, e); // for its error only
	for (size_t i = 0; result == 0 && i < hold->ports.count; i++)
		close(sockets[i]);
	hold->connects = true;
	r->join.address = mem_strdup(SLIRP_ADDRESS);
	r->join.server = mem_strdup(SLIRP_SERVER);
	return result;
}

int network_connect(struct network_hold *hold, pid_t pid, struct err *e)
{
	slirp_stop(&hold->slirp);
	int r = slirp_start(&hold->slirp, pid, &hold->ports, e);

	return r < 0 ? err_wrap(e, "cannot set up the container's network") : 0;
}

// The runtime enters the namespace through this process's descriptor: nothing of it is in the file system.
static void describe_namespace(struct record *r, int netns, bool own)
{
	r->join.path = mem_printf("/proc/%d/fd/%d", (int)getpid(), netns);
	r->join.own = own;
}

static int open_of_container(const char *store, const char *name, struct err *e)
{
	auto_free char *path = mem_printf("%s/containers/%s", store, name);
	auto_close int dir = open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct run_state state = {0};
	int r = dir < 0 ? -ENOENT : run_state_read(dir, &state, e);
	auto_free char *path_of_it = mem_printf("/proc/%d/ns/net", (int)state.pid);
	auto_close int netns = r == 0 && state.phase == RUN_RUNNING ? netns_open(path_of_it, e) : -1;
	bool running = netns >= 0 && proc_is_alive(state.pid, state.pid_started); // so NETNS is not of a later process

	run_state_done(&state);
	return running ? steal_fd(&netns)
	               : err_msg(e, EINVAL, "container '%s' is not running, so its network cannot be used", name);
}

static int open_other(const char *store, const struct network_choice *choice, struct err *e)
{
	return choice->mode == NETWORK_CONTAINER ? open_of_container(store, choice->of, e) : netns_open(choice->of, e);
}

void network_release(struct network_hold *h)
{
	for (size_t i = 0; i < h->socket_count; i++)
		close(h->sockets[i]);
	free(h->sockets);
	auto_close_run(&h->netns);
	ports_done(&h->ports);
	slirp_stop(&h->slirp);
	*h = NETWORK_HOLD_NONE;
}

int network_join(const char *store, struct record *r, struct network_hold *hold, struct err *e)
{
	struct network_choice choice = network_choose(r);
	bool named = choice.mode == NETWORK_NAMED;

	network_release(hold);
	network_join_done(&r->join);
	if (!choice.of)
		return 0;
	if (geteuid() != 0 && !named)
		return err_msg(e, EPERM, "only root can use '--" PARAM_NETWORK " %s' (others: none, host or default)",
		               params_or(&r->params, PARAM_NETWORK, ""));
	if (geteuid() != 0) {
		int joined = join_private(choice.of, r, hold, e);
		return joined < 0 ? err_wrap(e, "cannot set up the container's network") : 0;
	}
	hold->netns = named ? netns_create(e) : open_other(store, &choice, e);
	int result = hold->netns < 0 ? hold->netns : named ? join_named(store, choice.of, r, hold, e) : 0;
	if (result < 0) {
		network_release(hold);
		return err_wrap(e, "cannot set up the container's network");
	}
	describe_namespace(r, hold->netns, named);
	return 0;
}

void network_leave(const char *store, const char *container)
{
	auto_networks n = {.lock = -1, .containers = -1};
	auto_strv names = {0};
	struct err ignored;
	bool changed = false;

	if (geteuid() != 0 || networks_open(&n, store, NETWORKS_CHANGE, &ignored) < 0)
		return;
	networks_up(&n, &names);
	for (size_t i = 0; i < names.count; i++) {
		auto_own_network o = {0};
		if (own_network_read(&n, names.items[i], &o, &ignored) < 0 || !disconnect(&n, &o, container))
			continue;
		settle(&n, &o);
		changed = true;
	}
	if (changed)
		networks_apply_rules(&n, &ignored);
}
