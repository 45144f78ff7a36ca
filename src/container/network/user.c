// The network of an ordinary user's container: see user.h.
#include "user.h"

#include <errno.h>
#include <unistd.h>

#include "base/mem.h"
#include "container/network/bridge/bridge.h"
#include "container/network/helper/slirp.h"
#include "container/network/publish/claim.h"
#include "container/network/record/attachment.h"
#include "container/network/record/choice.h"
#include "join.h"
#include "names.h"
#include "space.h"
#include "sys/netns.h"

// --- published ports ---

static int refuse_ipv6(const struct ports *ports, struct err *e)
{
	for (size_t i = 0; i < ports->count; i++)
		if (ports->items[i].family == PORT_IPV6) {
			auto_free char *text = port_text(&ports->items[i]);
			return err_msg(e, EPERM, "port '%s': only root can publish on IPv6 addresses", text);
		}
	return 0;
}

static int read_ports(const struct record *r, struct ports *ports, struct err *e)
{
	int result = networks_read_ports(r, ports, e);

	return result < 0 ? result : refuse_ipv6(ports, e);
}

// Claims the ports only to report conflicts: slirp4netns binds them.
static int try_ports(struct ports *ports, struct err *e)
{
	struct port_claims claims = {0};
	int r = ports_claim(ports, &claims, e);

	port_claims_done(&claims);
	return r;
}

// --- a private network ---

static int check_private(const struct record *r, struct err *e)
{
	auto_attachments wanted = {0};
	int result = attachments_read(&wanted, &r->params, e);

	if (result == 0 && wanted.count > 1)
		result = err_msg(e, EINVAL, "a container on network '" NETWORK_PRIVATE "' cannot be on others");
	for (size_t i = 0; result == 0 && i < wanted.count; i++)
		if (wanted.items[i].address || wanted.items[i].mac || wanted.items[i].aliases.count)
			result = err_msg(e, EINVAL, "addresses and aliases have no effect in network '" NETWORK_PRIVATE "'");
	return result;
}

static int join_private(struct record *r, struct network_hold *hold, struct err *e)
{
	int result = check_private(r, e);

	if (result == 0)
		result = read_ports(r, &hold->ports, e);
	if (result == 0)
		result = try_ports(&hold->ports, e);
	if (result < 0)
		return result;
	strv_add(&r->join.addresses, SLIRP_ADDRESS);
	strv_add(&r->join.servers, SLIRP_SERVER);
	return 0;
}

// --- the user's networks ---

// What a child process in the namespace of the networks does.
struct task {
	const char *store, *container;
	struct record *record;
	struct network_hold *hold;
	const struct networks *n; // locked
	int netns;                // the container's
};

static int join_inside(void *context, struct err *e)
{
	const struct task *t = context;

	return networks_join(t->store, t->record, t->hold, e);
}

static int link_inside(void *context, struct err *e)
{
	const struct task *t = context;

	return networks_link(t->n, t->container, t->netns, e);
}

static int leave_inside(void *context, struct err *e)
{
	const struct task *t = context;

	return networks_remove(t->n, t->container, e);
}

static int sweep_inside(void *context, struct err *e)
{
	const struct task *t = context;

	return networks_sweep(t->n, true, NULL, e);
}

// slirp4netns forwards to one address, so each port number can be used once.
static int refuse_number(const struct ports *ports, const struct endpoint *other, struct err *e)
{
	for (size_t i = 0; i < ports->count; i++)
		for (size_t k = 0; k < other->ports.count; k++)
			if (ports->items[i].outside == other->ports.items[k].outside &&
			    ports->items[i].udp == other->ports.items[k].udp) {
				auto_free char *text = port_text(&ports->items[i]);
				return err_msg(e, EADDRINUSE, "cannot publish port %s: %u is in use by container '%s'", text,
				               ports->items[i].outside, other->container);
			}
	return 0;
}

static int refuse_published(const struct networks *n, const char *container, const struct ports *ports, struct err *e)
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
			if (!str_equal(l.items[k].container, container) && endpoint_is_alive(n, &l.items[k]))
				r = refuse_number(ports, &l.items[k], e);
	}
	return r;
}

// No network may have a subnet of the host.
static int define_networks(const struct networks *n, const struct record *r, struct err *e)
{
	auto_attachments wanted = {0};
	int result = attachments_read(&wanted, &r->params, e);

	for (size_t i = 0; result == 0 && i < wanted.count; i++)
		result = own_network_define(n, wanted.items[i].network, e);
	return result;
}

// Gets the namespaces, and starts the process that leads outside.
static int hold_space(const char *store, const struct record *r, struct network_hold *hold, struct err *e)
{
	auto_networks n = {.lock = -1, .containers = -1};
	auto_close int helper = -1;
	int result = networks_open(&n, store, NETWORKS_CREATE, e);

	if (result == 0)
		result = network_space_hold(&hold->space, &n, e);
	if (result == 0)
		result = refuse_published(&n, r->name, &hold->ports, e);
	if (result == 0)
		result = try_ports(&hold->ports, e);
	if (result == 0)
		result = network_space_connect(&hold->space, &n, &helper, e);
	return result == 0 ? define_networks(&n, r, e) : result;
}

static int describe(const char *store, struct record *r, struct err *e)
{
	auto_networks n = {.lock = -1, .containers = -1};
	int result = networks_open(&n, store, NETWORKS_READ, e);

	if (result == 0)
		names_update(&n, r->name, &r->join);
	return result;
}

static int join_shared(const char *store, struct record *r, struct network_hold *hold, struct err *e)
{
	struct task t = {.store = store, .record = r, .hold = hold};
	int result = read_ports(r, &hold->ports, e);

	if (result == 0)
		result = hold_space(store, r, hold, e);
	if (result == 0)
		result = network_space_run(&hold->space, true, join_inside, &t, e);
	return result == 0 ? describe(store, r, e) : result;
}

static int connect_shared(const char *store, const struct record *r, struct network_hold *hold, pid_t pid,
                          struct err *e)
{
	auto_networks n = {.lock = -1, .containers = -1};
	auto_free char *path = mem_printf("/proc/%d/ns/net", (int)pid);
	auto_close int netns = netns_open(path, e);
	struct task t = {.container = r->name, .n = &n, .netns = netns};
	int result = netns < 0 ? netns : networks_open(&n, store, NETWORKS_CHANGE, e);

	if (result == 0)
		result = network_space_run(&hold->space, true, link_inside, &t, e);
	return result == 0 ? network_space_publish(&n, r->name, e) : result;
}

// --- either ---

int user_network_join(const char *store, struct record *r, struct network_hold *hold, struct err *e)
{
	int result = network_is_private(r) ? join_private(r, hold, e) : join_shared(store, r, hold, e);

	hold->connects = result == 0;
	return result;
}

int user_network_connect(const char *store, const struct record *r, struct network_hold *hold, pid_t pid,
                         struct err *e)
{
	return network_is_private(r) ? slirp_start(&hold->slirp, pid, &hold->ports, e)
	                             : connect_shared(store, r, hold, pid, e);
}

void user_network_leave(const struct networks *n, const char *container)
{
	auto_network_space space = NETWORK_SPACE_NONE;
	struct err ignored;

	network_space_leave(n);
	int r = network_space_find(&space, n);
	if (r == -ENOENT)
		network_space_clean(n);
	if (r < 0)
		return;
	network_space_run(&space, true, leave_inside, &(struct task){.container = container, .n = n}, &ignored);
	network_space_publish(n, NULL, &ignored);
}

// All namespaces are gone, and the networks with them.
static void sweep_files(const struct networks *n, bool remove, struct strv *found)
{
	auto_strv names = {0};

	networks_up(n, &names);
	for (size_t i = 0; found && i < names.count; i++)
		strv_addf(found, "network '%s'", names.items[i]);
	if (remove)
		network_space_clean(n);
}

int user_network_sweep(const struct networks *n, bool remove, struct strv *found, struct err *e)
{
	auto_network_space space = NETWORK_SPACE_NONE;
	int r = network_space_find(&space, n);

	if (r == -ENOENT)
		sweep_files(n, remove, found);
	if (r < 0)
		return r == -ENOENT ? 0 : err_set(e, -r, "cannot open the namespaces of the networks");
	networks_find_dead(n, found);
	r = remove ? network_space_run(&space, true, sweep_inside, &(struct task){.n = n}, e) : 0;
	return r == 0 && remove ? network_space_publish(n, NULL, e) : r;
}
