// Restoring networks: see repair.h.
#include "repair.h"

#include <errno.h>
#include <net/if.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/mem.h"
#include "container/network/bridge/bridge.h"
#include "container/network/bridge/publish.h"
#include "container/network/bridge/server.h"
#include "container/network/firewall/firewall.h"
#include "endpoint.h"
#include "network.h"
#include "sys/netlink.h"
#include "sys/netlink_events.h"

enum { ATTEMPTS = 3 }; // to load rules that another program keeps changing

bool network_is_connected(const char *link, const char *bridge)
{
	auto_free char *master = netlink_master(link);

	return str_equal(master, bridge) && netlink_is_up(bridge);
}

uint32_t network_read_changes(int rules, const char *table, uint32_t damaged)
{
	auto_free char *comment = firewall_comment(table);

	return netlink_read_rules(rules, table, comment, damaged);
}

static void add_done(struct str *done, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void add_done(struct str *done, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	auto_free char *text = mem_printf_args(format, args);
	va_end(args);
	str_addf(done, "%s%s", done->length ? ", " : "", text);
}

// A container, and its network namespace.
struct place {
	const struct networks *n;
	const char *container;
	int netns;
};

// The part of O itself that is missing; NULL: none.
static const char *missing_of(const struct own_network *o)
{
	return !netlink_is_up(o->bridge) ? "bridge" : !own_network_is_served(o) ? "DNS server" : NULL;
}

// The interface was deleted: a new pair has the same names and addresses.
static int restore_link(const struct place *at, const struct own_network *o, struct str *done, struct err *e)
{
	int r = at->netns < 0 ? at->netns : endpoint_link(at->n, o, at->container, at->netns, e);

	if (r == 0)
		add_done(done, "interface on network '%s'", o->name);
	return r < 0 ? err_wrap(e, "cannot restore the container's interface") : 0;
}

static int repair_link(const struct place *at, const struct own_network *o, const struct endpoint *p, struct str *done,
                       struct err *e)
{
	if (network_is_connected(p->link, o->bridge))
		return 0;
	if (!if_nametoindex(p->link))
		return restore_link(at, o, done, e);
	int r = netlink_set_master(p->link, o->bridge, e);
	if (r == 0 && p->ports.count)
		r = netlink_set_hairpin(p->link, e);
	if (r == 0)
		add_done(done, "link to network '%s'", o->name);
	return r;
}

static int repair_network(const struct place *at, const char *name, struct str *done, struct err *e)
{
	const struct networks *n = at->n;
	auto_own_network o = {0};
	auto_own_network up = {0};
	struct endpoint p = {0};
	int r = own_network_read(n, name, &o, e);

	if (r == 0)
		r = endpoint_read(&o, at->container, &p, e);
	if (r == 0) {
		const char *missing = missing_of(&o);
		r = own_network_up(n, name, &up, e);
		if (r == 0 && missing)
			add_done(done, "%s of network '%s'", missing, name);
	}
	if (r == 0)
		r = repair_link(at, &o, &p, done, e);
	endpoint_done(&p);
	return r == -ENOENT ? 0 : r; // it has left meanwhile
}

static int repair_rules(const struct networks *n, int rules, uint32_t damaged, struct str *done, struct err *e)
{
	int r = 0, i = 0;

	// changes that are read here never reach the monitor, so they must be handled here
	while (r == 0 && i < ATTEMPTS && (damaged = network_read_changes(rules, n->table, damaged))) {
		r = networks_publish(n, e);
		damaged = 0;
		i++;
	}
	if (r == 0 && network_read_changes(rules, n->table, damaged))
		return err_msg(e, EBUSY, "other programs keep changing the rules");
	if (r == 0 && i > 0)
		add_done(done, "rules");
	return r;
}

static int repair_all(const struct place *at, struct str *done, struct err *e)
{
	auto_strv names = {0};
	int result = networks_up(at->n, &names);

	for (size_t i = 0; i < names.count; i++) {
		int r = repair_network(at, names.items[i], done, e);
		result = result < 0 ? result : r;
	}
	return result;
}

int network_repair(const char *store, const char *container, int rules, uint32_t damaged, struct str *done,
                   struct err *e)
{
	auto_networks n = {.lock = -1, .containers = -1};
	auto_strv names = {0};
	auto_close int netns = -1;
	int result = networks_open(&n, store, NETWORKS_CHANGE, e);

	if (result < 0)
		return result == -ENOENT ? 0 : result;
	netns = network_namespace_of(n.store, container, e);
	result = repair_all(&(struct place){&n, container, netns}, done, e);
	int r = repair_rules(&n, rules, damaged, done, e);
	return result < 0 ? result : r;
}

// --- an ordinary user's ---

// The task of a child process in the network namespace of the networks, and what it has done.
struct inside {
	struct place at;
	char *done; // DONE_MOST bytes of shared memory
};
enum { DONE_MOST = 256 };

static int repair_inside(void *context, struct err *e)
{
	const struct inside *in = context;
	auto_str done = {0};
	int r = repair_all(&in->at, &done, e);

	snprintf(in->done, DONE_MOST, "%s", str_text(&done));
	return r;
}

static int repair_in_space(const struct place *at, const struct network_space *s, struct str *done, struct err *e)
{
	struct inside in = {.at = *at};

	in.done = mmap(NULL, DONE_MOST, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (in.done == MAP_FAILED)
		return err_set(e, errno, "cannot share memory");
	int r = network_space_run(s, true, repair_inside, &in, e);
	if (*in.done)
		add_done(done, "%s", in.done);
	munmap(in.done, DONE_MOST);
	return r;
}

static int repair_helper(const struct networks *n, const struct network_space *s, struct str *done, struct err *e)
{
	auto_close int alive = network_space_helper(n), helper = -1;
	int r = alive < 0 ? network_space_connect(s, n, &helper, e) : 0;

	if (r == 0 && alive < 0)
		add_done(done, "connection to the outside");
	return r;
}

int network_repair_space(const char *store, const char *container, const struct network_space *s, struct str *done,
                         struct err *e)
{
	auto_networks n = {.lock = -1, .containers = -1};
	auto_close int netns = -1;
	int result = networks_open(&n, store, NETWORKS_CHANGE, e);

	if (result < 0)
		return result == -ENOENT ? 0 : result;
	netns = network_namespace_of(n.store, container, e);
	result = repair_in_space(&(struct place){&n, container, netns}, s, done, e);
	int r = repair_helper(&n, s, done, e);
	return result < 0 ? result : r;
}
