// Networks of running containers: see live.h.
#include "live.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "container/network/bridge/bridge.h"
#include "container/network/bridge/publish.h"
#include "container/network/libvirt/shared.h"
#include "container/network/record/state.h"
#include "endpoint.h"
#include "names.h"
#include "network.h"
#include "space.h"
#include "sys/netlink.h"

// The state of one change.
struct change {
	struct networks n;
	struct own_network network;
	const char *container;
	int netns; // the container's
};
#define CHANGE_NONE ((struct change){.n = {.lock = -1, .containers = -1}, .netns = -1})

static void change_done(struct change *c)
{
	networks_done(&c->n);
	own_network_done(&c->network);
	auto_close_run(&c->netns);
}

static int change_open(struct change *c, const char *store, const char *container, struct err *e)
{
	int r = networks_open(&c->n, store, NETWORKS_CREATE, e);

	c->container = container;
	if (r == 0)
		c->netns = network_namespace_of(store, container, e);
	return r < 0 ? r : c->netns < 0 ? c->netns : 0;
}

// Calls CALL for the container's other networks, in no particular order.
static void each_other(const struct change *c, void (*call)(const struct own_network *o, const struct endpoint *p,
                                                            void *context), void *context)
{
	auto_strv names = {0};

	networks_up(&c->n, &names);
	for (size_t i = 0; i < names.count; i++) {
		auto_own_network o = {0};
		struct endpoint p = {0};
		if (!str_equal(names.items[i], c->network.name) && own_network_read(&c->n, names.items[i], &o, NULL) == 0 &&
		    endpoint_read(&o, c->container, &p, NULL) == 0)
			call(&o, &p, context);
		endpoint_done(&p);
	}
}

// --- connecting ---

static void add_interface(const struct own_network *o, const struct endpoint *p, void *context)
{
	(void)o;
	strv_add(context, p->interface);
}

// The first of eth0, eth1, … that the container does not have.
static char *free_interface(const struct change *c)
{
	auto_strv used = {0};

	each_other(c, add_interface, &used);
	strv_sort(&used);
	for (unsigned i = 0;; i++) {
		auto_free char *name = mem_printf("eth%u", i);
		if (!strv_has_sorted(&used, name))
			return steal(name);
	}
}

static int connect_it(struct change *c, const struct attachment *a, struct err *e)
{
	auto_free char *interface = free_interface(c);
	struct endpoint p = {0};
	int r = endpoint_choose(&c->n, &c->network, c->container, a, interface, &p, e);

	if (r == 0)
		r = endpoint_connect(&c->n, &c->network, &p, c->netns, e);
	if (r == 0)
		r = networks_publish(&c->n, e);
	if (r == 0)
		r = names_write(&c->n, c->container, e);
	endpoint_done(&p);
	return r;
}

static void undo(const struct change *c)
{
	struct err ignored;

	endpoint_disconnect(&c->n, &c->network, c->container);
	own_network_settle(&c->n, &c->network);
	networks_publish(&c->n, &ignored);
}

static int attach(const char *store, const char *container, struct attachment *a, struct err *e)
{
	struct change c = CHANGE_NONE;
	int r = change_open(&c, store, container, e);

	if (r == 0)
		r = network_up(&c.n, container, a, &c.network, e);
	if (r == 0)
		endpoint_disconnect(&c.n, &c.network, container); // left by a process that was killed: the record lacks it
	if (r == 0 && (r = connect_it(&c, a, e)) < 0)
		undo(&c);
	if (r == 0)
		names_update(&c.n, NULL, NULL);
	change_done(&c);
	return r;
}

// --- disconnecting ---

// The network, of those that lead outside, with the first interface.
struct way {
	char *interface, *network;
};

static void note_way(const struct own_network *o, const struct endpoint *p, void *context)
{
	struct way *way = context;

	if (o->isolated || (way->interface && strverscmp(way->interface, p->interface) < 0))
		return;
	free(way->interface);
	free(way->network);
	*way = (struct way){mem_strdup(p->interface), mem_strdup(o->name)};
}

// Reads the network that becomes the way outside; O->name stays NULL if there is none.
static int find_way(const struct change *c, struct own_network *o, struct err *e)
{
	struct way way = {0};

	each_other(c, note_way, &way);
	int r = way.network ? own_network_read(&c->n, way.network, o, e) : 0;
	free(way.interface);
	free(way.network);
	return r;
}

// Lets TO publish what the network that the container leaves publishes. It can be repeated after this process was
// killed.
static int move_ports(const struct change *c, const struct own_network *to, struct err *e)
{
	struct endpoint from = {0}, p = {0};
	int r = endpoint_read(&c->network, c->container, &from, e);

	if (r == 0 && from.ports.count && !to->name)
		r = err_msg(e, EBUSY,
		            "network '%s' publishes the ports of container '%s', and none of its other networks leads outside "
		            "(connect it to one first, or stop it)",
		            c->network.name, c->container);
	if (r == 0 && from.ports.count) {
		r = endpoint_read(to, c->container, &p, e);
		ports_done(&p.ports);
		p.ports = from.ports;
		from.ports = (struct ports){0};
		if (r == 0)
			r = endpoint_write(to, &p, e);
		if (r == 0) // so that the container reaches its own published ports
			r = netlink_set_hairpin(p.link, e);
	}
	endpoint_done(&from);
	endpoint_done(&p);
	return r;
}

static int disconnect_it(struct change *c, struct err *e)
{
	auto_own_network way = {0};
	int r = find_way(c, &way, e);

	if (r == 0)
		r = move_ports(c, &way, e);
	if (r < 0)
		return r;
	endpoint_disconnect(&c->n, &c->network, c->container);
	own_network_settle(&c->n, &c->network);
	r = way.name ? endpoint_add_way(&way, c->netns, e) : 0;
	int applied = networks_publish(&c->n, r < 0 ? &(struct err){0} : e);
	int written = names_write(&c->n, c->container, r < 0 || applied < 0 ? &(struct err){0} : e);
	return r < 0 ? r : applied < 0 ? applied : written;
}

static int detach(const char *store, const char *container, const char *network, struct err *e)
{
	struct change c = CHANGE_NONE;
	int r = change_open(&c, store, container, e);

	if (r == 0)
		r = own_network_read(&c.n, network, &c.network, e);
	if (r == 0)
		r = disconnect_it(&c, e);
	if (r == 0)
		names_update(&c.n, NULL, NULL);
	change_done(&c);
	return r == -ENOENT ? 0 : r; // the container has left the network meanwhile
}

// --- where the networks are ---

struct task {
	const char *store, *container;
	struct attachment *wanted; // NULL: disconnect from NETWORK
	const char *network;
};

static int work(void *context, struct err *e)
{
	const struct task *t = context;

	return t->wanted ? attach(t->store, t->container, t->wanted, e) : detach(t->store, t->container, t->network, e);
}

static int run_task(struct task *t, struct err *e)
{
	auto_network_space space = NETWORK_SPACE_NONE;
	auto_networks n = {.lock = -1, .containers = -1};

	if (geteuid() == 0)
		return work(t, e);
	int r = networks_open(&n, t->store, NETWORKS_READ, e);
	if (r == 0 && (r = network_space_find(&space, &n)) < 0)
		err_msg(e, -r, "the networks of this user are gone (restart the container)");
	return r == 0 ? network_space_run(&space, true, work, t, e) : r;
}

int network_attach(const char *store, const char *container, struct attachment *a, struct err *e)
{
	return run_task(&(struct task){.store = store, .container = container, .wanted = a}, e);
}

int network_detach(const char *store, const char *container, const char *network, struct err *e)
{
	return run_task(&(struct task){.store = store, .container = container, .network = network}, e);
}
