// The network of a container: see network.h.
#include "network.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "container/network/bridge/publish.h"
#include "container/network/record/choice.h"
#include "container/network/record/state.h"
#include "container/store/store.h"
#include "endpoint.h"
#include "join.h"
#include "model/param.h"
#include "sys/lock.h"
#include "sys/netlink.h"
#include "sys/netns.h"
#include "sys/proc.h"
#include "user.h"

// The runtime enters the namespace through this process's descriptor: nothing of it is in the file system.
static void describe_namespace(struct record *r, int netns, bool own)
{
	r->join.path = mem_printf("/proc/%d/fd/%d", (int)getpid(), netns);
	r->join.own = own;
}

int network_namespace_of(const char *store, const char *name, struct err *e)
{
	auto_free char *path = mem_printf("%s/containers/%s", store, name);
	auto_close int dir = open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct run_state state = {0};
	int r = dir < 0 ? -ENOENT : run_state_read(dir, &state, e);
	auto_free char *path_of_it = mem_printf("/proc/%d/ns/net", (int)state.pid);
	auto_close int netns = r == 0 && state.phase == RUN_RUNNING ? netns_open(path_of_it, e) : -1;
	bool running = netns >= 0 && proc_is_alive(state.pid, state.pid_started); // then NETNS is not of a reused pid

	run_state_done(&state);
	return running ? steal_fd(&netns)
	               : err_msg(e, EINVAL, "container '%s' is not running: its network cannot be shared (start it first)",
	                         name);
}

static int open_other(const char *store, const struct network_choice *choice, struct err *e)
{
	return choice->mode == NETWORK_CONTAINER ? network_namespace_of(store, choice->of, e) : netns_open(choice->of, e);
}

void network_release(struct network_hold *h)
{
	relay_free(h->relay);
	port_claims_done(&h->claims);
	auto_close_run(&h->netns);
	ports_done(&h->ports);
	helper_stop(&h->helper);
	forwarder_stop(&h->forwarder);
	network_space_done(&h->space);
	*h = NETWORK_HOLD_NONE;
}

// Many users did not choose the default network and can do without it.
static int refuse_network(const struct record *r, struct err *e)
{
	bool asked = e->code == EINVAL || e->code == EADDRINUSE;

	if (!asked && str_equal(params_or(&r->params, PARAM_NETWORK, ""), NETWORK_DEFAULT))
		err_hint(e, "'--" PARAM_NETWORK " none' starts it without a network");
	return err_wrap(e, "cannot set up the container's network");
}

static int join(const char *store, struct record *r, struct network_hold *hold, struct err *e)
{
	struct network_choice choice = network_choose(r);
	bool named = choice.mode == NETWORK_NAMED;

	if (geteuid() != 0)
		return named ? user_network_join(store, r, hold, e)
		             : err_msg(e, EPERM, "only root can use '--" PARAM_NETWORK " %s'",
		                       params_or(&r->params, PARAM_NETWORK, ""));
	if (network_is_private(r))
		return err_msg(e, EINVAL, "network '" NETWORK_PRIVATE "' is for ordinary users (as root: default)");
	hold->netns = named ? netns_create(e) : open_other(store, &choice, e);
	int result = hold->netns < 0 ? hold->netns : named ? networks_join(store, r, hold, e) : 0;
	if (result == 0)
		describe_namespace(r, hold->netns, named);
	return result;
}

int network_join(const char *store, struct record *r, struct network_hold *hold, struct err *e)
{
	struct network_choice choice = network_choose(r);

	network_release(hold);
	network_join_done(&r->join);
	if (!choice.of && choice.mode != NETWORK_NAMED)
		return network_check_host(r, e);
	if (join(store, r, hold, e) == 0 && network_check_host(r, e) == 0)
		return 0;
	network_release(hold);
	return refuse_network(r, e);
}

int network_connect(const char *store, const struct record *r, struct network_hold *hold, pid_t pid, struct err *e)
{
	int result = user_network_connect(store, r, hold, pid, e);

	return result < 0 ? err_wrap(e, "cannot set up the container's network") : 0;
}

void network_release_helper(struct network_hold *hold)
{
	hold->helper.pid = 0;
	helper_stop(&hold->helper);
}

int network_reconnect(struct network_hold *hold, pid_t pid, struct err *e)
{
	helper_stop(&hold->helper);
	int r = helper_start(&hold->helper, pid, e);

	return r < 0 ? err_wrap(e, "cannot set up the container's network") : 0;
}

int network_forward_again(struct network_hold *hold, struct err *e)
{
	return forwarder_restart(&hold->forwarder, &hold->claims, e);
}

void network_follow_ports(const char *store, const char *container, struct network_hold *hold)
{
	auto_networks n = {.lock = -1, .containers = -1};

	if ((!hold->relay && !hold->forwarder.to) || networks_open(&n, store, NETWORKS_READ, NULL) < 0)
		return;
	uint32_t address = endpoints_published(&n, container);
	if (address && hold->relay)
		relay_lead(hold->relay, address);
	if (address)
		forwarder_lead(&hold->forwarder, address);
}

bool network_is_locked(const char *store, pid_t *holder)
{
	auto_networks n = {.lock = -1, .containers = -1};
	struct err ignored;
	int r = networks_open(&n, store, NETWORKS_READ, &ignored);
	auto_close int lock = r < 0 ? r : networks_open_lock(&n, &ignored);
	bool locked = lock >= 0 && lock_try(lock) == -EWOULDBLOCK;

	*holder = locked ? lock_holder(lock) : 0;
	return locked;
}

int network_leave(const char *store, const char *container, struct err *e)
{
	auto_networks n = {.lock = -1, .containers = -1};

	if (geteuid() == 0)
		return networks_leave(store, container, e);
	int r = networks_open(&n, store, NETWORKS_CHANGE, e);
	if (r == 0)
		user_network_leave(&n, container);
	return r == -ENOENT ? 0 : r;
}

// Locks the networks if interfaces or rules are left, although their directory is not. Returns -ENOENT if none are.
static int lock_left_over(struct networks *n, const char *store, struct err *e)
{
	auto_strv left = {0};
	int r = networks_open(n, store, NETWORKS_READ, e);

	if (r < 0)
		return r;
	networks_find_tables(n, &left);
	netlink_group(n->group, &left, NULL);
	return left.count ? networks_lock(n, e) : -ENOENT;
}

int network_sweep(const char *store, bool remove, struct strv *found, struct err *e)
{
	auto_networks n = {.lock = -1, .containers = -1};
	int r = networks_open(&n, store, NETWORKS_CHANGE, e);

	if (r == -ENOENT && geteuid() == 0) {
		networks_done(&n);
		r = lock_left_over(&n, store, e);
	}
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	return geteuid() == 0 ? networks_sweep(&n, remove, found, e) : user_network_sweep(&n, remove, found, e);
}
