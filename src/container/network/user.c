// The network of an ordinary user's container: see user.h.
#include "user.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/mem.h"
#include "container/network/bridge/bridge.h"
#include "container/network/helper/helper.h"
#include "container/network/publish/claim.h"
#include "container/network/publish/forwarder.h"
#include "model/address.h"
#include "container/network/record/attachment.h"
#include "container/network/record/choice.h"
#include "endpoint.h"
#include "join.h"
#include "names.h"
#include "space.h"
#include "sys/netns.h"

// --- published ports ---

static int claim_ports(const struct record *r, struct network_hold *hold, struct err *e)
{
	int result = networks_read_ports(r, &hold->ports, e);

	return result < 0 ? result : ports_claim(&hold->ports, &hold->claims, e);
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
		result = claim_ports(r, hold, e);
	if (result < 0)
		return result;
	strv_add(&r->join.addresses, HELPER_ADDRESS);
	strv_add(&r->join.servers, HELPER_SERVER);
	return 0;
}

static int open_namespace(pid_t pid, const char *name, struct err *e)
{
	auto_free char *path = mem_printf("/proc/%d/ns/%s", (int)pid, name);
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? err_set(e, errno, "cannot open '%s'", path) : fd;
}

// The container's own processes see these connections come from its own address.
static int connect_private(struct network_hold *hold, pid_t pid, struct err *e)
{
	uint32_t address = 0;
	auto_close int user = open_namespace(pid, "user", e), net = user < 0 ? -1 : open_namespace(pid, "net", e);
	int r = user < 0 || net < 0 ? -e->code : helper_start(&hold->helper, pid, e);

	address_parse(HELPER_ADDRESS, &address);
	return r == 0 ? forwarder_start(&hold->forwarder, &hold->claims, address, user, net, e) : r;
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

// No network may have a subnet of the host.
static int define_networks(const struct networks *n, const struct record *r, struct err *e)
{
	auto_attachments wanted = {0};
	int result = attachments_read(&wanted, &r->params, e);

	for (size_t i = 0; result == 0 && i < wanted.count; i++)
		result = own_network_define(n, wanted.items[i].network, e);
	return result;
}

// Gets the namespaces, and starts the helper.
static int hold_space(const char *store, const struct record *r, struct network_hold *hold, struct err *e)
{
	auto_networks n = {.lock = -1, .containers = -1};
	auto_close int helper = -1;
	int result = networks_open(&n, store, NETWORKS_CREATE, e);

	if (result == 0)
		result = network_space_hold(&hold->space, &n, e);
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
	int result = hold_space(store, r, hold, e);

	if (result == 0)
		result = claim_ports(r, hold, e);
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
	if (result == 0)
		result = forwarder_start(&hold->forwarder, &hold->claims, endpoints_published(&n, r->name), hold->space.owner,
		                         hold->space.net, e);
	return result;
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
	return network_is_private(r) ? connect_private(hold, pid, e) : connect_shared(store, r, hold, pid, e);
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
	return r;
}
