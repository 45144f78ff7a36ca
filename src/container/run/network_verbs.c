// Creating and removing networks: see container/networks.h. The verbs are rows of a table.
#include "container/networks.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "container/network/bridge/bridge.h"
#include "container/network/bridge/ipv6.h"
#include "container/network/bridge/publish.h"
#include "container/network/bridge/subnets.h"
#include "container/network/libvirt/reservation.h"
#include "container/network/record/state.h"
#include "container/state/containers.h"
#include "container/store/store.h"
#include "model/name.h"
#include "model/param.h"
#include "network_verbs.h"

static int check_new(const struct networks *n, const struct own_network *o, struct err *e)
{
	static const char *const words[] = {"none", "host", NETWORK_PRIVATE};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (str_equal(o->name, words[i]))
			return err_msg(e, EINVAL, "a network cannot be called '%s'", o->name);
	if (name_check(KIND_NETWORK, o->name, e) < 0)
		return -e->code;
	return own_network_is_defined(n->store, o->name) ? err_msg(e, EEXIST, "network '%s' already exists", o->name) : 0;
}

static int choose_subnet6(const struct networks *n, struct own_network *o, const char *subnet, struct err *e)
{
	if (str_equal(subnet, "none"))
		return 0;
	if (!*subnet)
		o->subnet6 = ipv6_subnet(n->store, o->name);
	else if (subnet6_parse(subnet, &o->subnet6, e) < 0)
		return -e->code;
	return network_refuse_overlap(n, o, e);
}

static int define(const struct networks *n, struct own_network *o, const struct params *p, struct err *e)
{
	const char *subnet = params_or(p, PARAM_SUBNET, "");

	if (check_new(n, o, e) < 0)
		return -e->code;
	if (*subnet && subnet_parse(subnet, &o->subnet, e) < 0)
		return -e->code;
	if (!*subnet && own_network_choose_subnet(n, o, e) < 0)
		return -e->code;
	if (choose_subnet6(n, o, params_or(p, PARAM_SUBNET6, ""), e) < 0)
		return -e->code;
	return own_network_write_definition(n, o, e);
}

// Refuses options that only libvirt's networks have.
static int refuse_options(const struct params *p, const char *mode, struct err *e)
{
	bool known = str_equal(mode, "nat") || str_equal(mode, "isolated"), device = *params_or(p, PARAM_DEVICE, ""),
	     autostart = str_equal(params_get(p, PARAM_AUTOSTART), "yes");

	if (known && !device && !autostart)
		return 0;
	return err_msg(e, EINVAL, "'--%s' is only for libvirt's networks (add --" OPTION_ENGINE " libvirt)",
	               !known ? PARAM_MODE : device ? PARAM_DEVICE : PARAM_AUTOSTART);
}

int containers_network_create(struct containers *c, const struct params *p, const struct job *job, char **name,
                              struct err *e)
{
	auto_networks n = {.lock = -1, .containers = -1};
	const char *mode = params_or(p, PARAM_MODE, "nat");
	auto_own_network o = {.name = mem_strdup(params_or(p, PARAM_NAME, "")),
	                      .isolated = str_equal(params_get(p, PARAM_INTERNAL), "yes") || str_equal(mode, "isolated")};

	(void)job;
	int r = refuse_options(p, mode, e);
	if (r == 0)
		r = networks_open(&n, c->store.path, NETWORKS_CREATE, e);
	if (r == 0)
		r = define(&n, &o, p, e);
	store_touch(c->store.containers);
	if (r == 0)
		*name = steal(o.name);
	return r;
}

static int delete_network(struct containers *c, const char *name, struct err *e)
{
	auto_networks n = {.lock = -1, .containers = -1};
	auto_own_network o = {0};
	int r = network_open(c, &n, e);

	if (r < 0)
		return r;
	bool up = own_network_read(&n, name, &o, NULL) == 0;
	r = up ? network_refuse_used(&o, e) : 0;
	if (r == 0)
		r = own_network_remove_definition(&n, name, e);
	if (r < 0 || !up || geteuid() != 0)
		return r;
	own_network_down(&n, &o);
	return networks_publish(&n, e);
}

static int do_delete(struct containers *c, const char *name, enum verb verb, const struct params *p,
                     const struct job *job, struct err *e)
{
	(void)verb, (void)p, (void)job;
	return delete_network(c, name, e);
}

// The verb of the container, with exchanged operands.
static int do_with_container(struct containers *c, const char *name, enum verb verb, const struct params *p,
                             const struct job *job, struct err *e)
{
	auto_free char *container = mem_strdup(params_or(p, PARAM_TO, ""));
	auto_params exchanged = {0};

	params_copy(&exchanged, p);
	params_set(&exchanged, PARAM_TO, name);
	return containers_act(c, container, verb, &exchanged, job, e);
}

static network_verb *const verbs[VERBS] = {
	[VERB_DELETE] = do_delete,          [VERB_START] = network_start, [VERB_STOP] = network_stop,
	[VERB_CONNECT] = do_with_container, [VERB_EDIT] = network_edit,   [VERB_DISCONNECT] = do_with_container,
	[VERB_PRUNE] = network_prune,
};

void containers_use_networks(const struct shared_networks_table *table)
{
	reservations_use(table);
}

bool containers_network_do(enum verb verb)
{
	return verbs[verb];
}

int containers_network_act(struct containers *c, const char *name, enum verb verb, const struct params *p,
                           const struct job *job, struct err *e)
{
	int r = verbs[verb](c, name, verb, p, job, e);

	store_touch(c->store.containers);
	return r;
}
