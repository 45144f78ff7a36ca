// Starting, stopping and pruning networks: see network_verbs.h.
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "container/network/bridge/bridge.h"
#include "container/network/bridge/publish.h"
#include "container/network/libvirt/shared.h"
#include "container/network/record/attachment.h"
#include "container/network/record/choice.h"
#include "container/network/space.h"
#include "container/store/record.h"
#include "container/store/store.h"
#include "model/param.h"
#include "network_verbs.h"

int network_open(struct containers *c, struct networks *n, struct err *e)
{
	int r = networks_open(n, c->store.path, NETWORKS_CREATE, e);

	if (r == 0 && geteuid() != 0)
		network_space_tidy(n);
	return r;
}

// An ordinary user's are up only while containers are on them (container/network/space.h).
static int open_as_root(struct containers *c, struct networks *n, struct err *e)
{
	return geteuid() != 0 ? err_msg(e, EPERM, "only root can start and stop networks (an ordinary user's are up while "
	                                          "containers are on them)")
	                      : network_open(c, n, e);
}

int network_refuse_used(const struct own_network *o, struct err *e)
{
	auto_endpoints l = {0};
	auto_str names = {0};

	endpoints_read(o, &l);
	if (l.incomplete)
		return err_msg(e, EIO, "cannot read the containers of network '%s'", o->name);
	for (size_t i = 0; i < l.count; i++)
		str_addf(&names, "%s%s", i ? ", " : "", l.items[i].container);
	return l.count ? err_msg(e, EBUSY, "network '%s' is used by %s (stop or disconnect %s first)", o->name, names.text,
	                         l.count > 1 ? "them" : "it")
	               : 0;
}

int network_refuse_overlap(const struct networks *n, const struct own_network *o, struct err *e)
{
	auto_strv names = {0};

	own_network_definitions(n->store, &names);
	for (size_t i = 0; i < names.count; i++) {
		auto_own_network other = {0};
		if (own_network_read_definition(n, names.items[i], &other, NULL) < 0 || str_equal(other.name, o->name))
			continue;
		if (subnet_overlaps(&o->subnet, &other.subnet))
			return err_msg(e, EADDRINUSE, "the subnet overlaps that of network '%s'", other.name);
		if (subnet6_overlaps(&o->subnet6, &other.subnet6))
			return err_msg(e, EADDRINUSE, "the IPv6 subnet overlaps that of network '%s'", other.name);
	}
	return 0;
}

int network_start(struct containers *c, const char *name, enum verb verb, const struct params *p,
                  const struct job *job, struct err *e)
{
	auto_networks n = {.lock = -1, .containers = -1};
	auto_own_network o = {0};
	int r = open_as_root(c, &n, e);

	(void)verb, (void)p, (void)job;
	if (r == 0)
		r = own_network_up(&n, name, &o, e);
	if (r == 0) {
		o.kept = true;
		r = own_network_write(&o, e);
	}
	return r < 0 ? r : networks_publish(&n, e);
}

int network_stop(struct containers *c, const char *name, enum verb verb, const struct params *p,
                 const struct job *job, struct err *e)
{
	auto_networks n = {.lock = -1, .containers = -1};
	auto_own_network o = {0};
	struct err why = {0};
	int r = open_as_root(c, &n, e);

	(void)verb, (void)p, (void)job;
	if (r < 0)
		return r;
	r = own_network_read(&n, name, &o, &why);
	if (r == -ENOENT)
		return own_network_is_defined(n.store, name) || network_is_own_default(&n, name)
		           ? 0
		           : err_msg(e, ENOENT, "no network '%s'", name);
	if (r < 0)
		return err_msg(e, -r, "%s", why.text);
	r = network_refuse_used(&o, e);
	if (r < 0)
		return r;
	own_network_down(&n, &o);
	return networks_publish(&n, e);
}

// --- those that nothing uses ---

// Adds the networks that the containers' records name, sorted.
static int add_named(struct containers *c, struct strv *names, struct err *e)
{
	auto_records records = {0};
	struct err ignored;
	int r = records_read(c->store.containers, &records, e);

	for (size_t i = 0; r == 0 && i < records.count; i++) {
		auto_attachments l = {0};
		if (network_choose(&records.items[i]).mode == NETWORK_NAMED &&
		    attachments_read(&l, &records.items[i].params, &ignored) == 0)
			for (size_t k = 0; k < l.count; k++)
				strv_add(names, l.items[k].network);
	}
	strv_sort(names);
	return r;
}

// A network that was started counts as used: by guests, or by later containers.
static int prune_one(const struct networks *n, const char *name, bool look, struct str *text, struct err *e)
{
	auto_own_network o = {0};
	int r = own_network_read(n, name, &o, NULL);

	if (r != -ENOENT)
		return 0;
	r = look ? 0 : own_network_remove_definition(n, name, e);
	if (r == 0)
		str_addf(text, "network\t%s\t0\n", name);
	return r;
}

int network_prune(struct containers *c, const char *name, enum verb verb, const struct params *p,
                  const struct job *job, struct err *e)
{
	bool look = p && str_equal(params_get(p, PARAM_DRY_RUN), "yes");
	auto_networks n = {.lock = -1, .containers = -1};
	auto_strv defined = {0}, named = {0};
	auto_str text = {0};
	int r = network_open(c, &n, e);

	(void)name, (void)verb;
	if (r == 0)
		r = add_named(c, &named, e);
	if (r == 0)
		own_network_definitions(n.store, &defined);
	for (size_t i = 0; r == 0 && i < defined.count; i++)
		if (!strv_has_sorted(&named, defined.items[i]))
			r = prune_one(&n, defined.items[i], look, &text, e);
	if (r == 0 && job->out && text.length)
		str_addf(job->out, "TYPE\tNAME\tBYTES\n%s", str_text(&text));
	return r;
}
