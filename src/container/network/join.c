// Joining and leaving networks: see join.h.
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "batch.h"
#include "container/network/bridge/bridge.h"
#include "container/network/bridge/publish.h"
#include "container/network/libvirt/shared.h"
#include "container/network/publish/claim.h"
#include "container/network/record/attachment.h"
#include "container/network/record/choice.h"
#include "container/network/record/state.h"
#include "container/store/store.h"
#include "endpoint.h"
#include "join.h"
#include "model/param.h"
#include "names.h"
#include "network.h"
#include "sys/netlink.h"
#include "sys/netns.h"
#include "sys/proc.h"

// --- published ports ---

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

int networks_read_ports(const struct record *record, struct ports *ports, struct err *e)
{
	const struct strv *exposed = &record->image.exposed;
	const char *value;
	int r = 0;

	for (size_t i = 0; r == 0 && (value = params_get_nth(&record->params, PARAM_PUBLISH, i)); i++)
		r = *value ? ports_parse(ports, value, e) : 0;
	for (size_t i = 0; r == 0 && record_has(record, PARAM_PUBLISH_ALL) && i < exposed->count; i++)
		r = ports_expose(ports, exposed->items[i], e);
	return r;
}

static int copy_ports(const struct ports *from, struct ports *to)
{
	for (size_t i = 0; i < from->count; i++)
		ports_add(to, &from->items[i]);
	return 0;
}

static int claim(const struct networks *n, const struct record *r, struct endpoint *p, struct network_hold *hold,
                 struct err *e)
{
	int result = networks_read_ports(r, &p->ports, e);

	if (result == 0)
		result = refuse_published(n, p, e);
	if (result < 0)
		return result;
	result = ports_claim(&p->ports, &hold->claims, e);
	return result == 0 ? relay_new(&hold->relay, &hold->claims, p->address, false, e) : result;
}

// --- one network ---

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
		removed |= remove && endpoint_disconnect(n, o, l.items[i].container);
	}
	return removed;
}

// Whether O is up without a container: a start was killed before its container was on O.
static bool is_empty(const struct own_network *o)
{
	auto_endpoints l = {0};

	endpoints_read(o, &l);
	return !l.count && !l.incomplete && !o->kept;
}

// --- all networks ---

// After containers have joined or left networks.
static int publish(const struct networks *n, struct err *e)
{
	struct err ignored;
	int r = networks_publish(n, e ? e : &ignored);

	names_update(n, NULL, NULL);
	return r;
}

// Removes dead containers from all networks, and takes down networks without containers.
static bool sweep_endpoints(const struct networks *n, bool remove, struct strv *found)
{
	auto_strv names = {0};
	bool changed = false;

	networks_up(n, &names);
	for (size_t i = 0; i < names.count; i++) {
		auto_own_network o = {0};
		if (own_network_read(n, names.items[i], &o, NULL) == 0 &&
		    (remove_dead(n, &o, remove, found) || (remove && is_empty(&o)))) {
			own_network_settle(n, &o);
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

void networks_find_dead(const struct networks *n, struct strv *found)
{
	sweep_endpoints(n, false, found);
}

// Whether tables are left that no network needs; adds them to FOUND (may be NULL).
static bool has_tables(const struct networks *n, struct strv *found)
{
	auto_strv tables = {0};

	networks_find_tables(n, &tables);
	for (size_t i = 0; found && i < tables.count; i++)
		strv_add(found, tables.items[i]);
	return tables.count > 0;
}

int networks_sweep(const struct networks *n, bool remove, struct strv *found, struct err *e)
{
	bool left = networks_are_unsettled(n) || has_tables(n, found);
	bool changed = sweep_endpoints(n, remove, found) || (left && remove);
	int r = sweep_links(n, remove, found, e);
	int applied = changed ? publish(n, r < 0 ? NULL : e) : 0;

	return r < 0 ? r : applied;
}

// --- joining ---

// Removes CONTAINER from O, which goes down unless other containers are on it. Returns whether it was on O.
static bool leave_one(const struct networks *n, const struct own_network *o, const char *container)
{
	bool was = endpoint_disconnect(n, o, container);

	own_network_settle(n, o);
	return was;
}

static bool leave_all(const struct networks *n, const char *container)
{
	auto_strv names = {0};
	bool changed = false;

	networks_up(n, &names);
	for (size_t i = 0; i < names.count; i++) {
		auto_own_network o = {0};
		if (own_network_read(n, names.items[i], &o, NULL) == 0 && endpoint_is_on(&o, container))
			changed |= leave_one(n, &o, container);
	}
	return changed;
}

// Takes down the networks that are empty. Returns whether there were any.
static bool settle_empty(const struct networks *n)
{
	auto_strv names = {0};
	bool changed = false;

	networks_up(n, &names);
	for (size_t i = 0; i < names.count; i++) {
		auto_own_network o = {0};
		if (own_network_read(n, names.items[i], &o, NULL) < 0 || !is_empty(&o))
			continue;
		own_network_settle(n, &o);
		changed = true;
	}
	return changed;
}

// The state of a start.
struct start {
	struct networks n;
	struct attachments wanted;
	struct record *record;
	struct network_hold *hold;
	bool claimed; // a network publishes the ports
};

// Ports are claimed once, by the first network that leads outside; those of an ordinary user before, on the host.
static int join_one(struct start *s, size_t i, struct err *e)
{
	auto_free char *interface = mem_printf("eth%zu", i);
	auto_own_network o = {0};
	struct endpoint p = {0};
	int r = network_up(&s->n, s->record->name, &s->wanted.items[i], &o, e);

	if (r == 0)
		r = endpoint_choose(&s->n, &o, s->record->name, &s->wanted.items[i], interface, &p, e);
	if (r == 0 && !o.isolated && !s->claimed) {
		r = geteuid() == 0 ? claim(&s->n, s->record, &p, s->hold, e) : copy_ports(&s->hold->ports, &p.ports);
		s->claimed = true;
	}
	if (r == 0)
		r = endpoint_connect(&s->n, &o, &p, s->hold->netns, e);
	if (r < 0 && o.name)
		leave_one(&s->n, &o, s->record->name);
	endpoint_done(&p);
	return r;
}

static int check_published(const struct start *s, struct err *e)
{
	const struct record *r = s->record;

	return s->claimed || (!*params_or(&r->params, PARAM_PUBLISH, "") && !record_has(r, PARAM_PUBLISH_ALL))
	           ? 0
	           : err_msg(e, EINVAL, "network '%s' is isolated: its containers cannot publish ports",
	                     s->wanted.items[0].network);
}

static int join_all(struct start *s, const char *store, struct err *e)
{
	int r = attachments_read(&s->wanted, &s->record->params, e);

	if (r == 0)
		r = networks_open(&s->n, store, NETWORKS_READ, e);
	auto_close int batch = r < 0 ? r : batch_begin(&s->n, e);
	if (batch < 0)
		return batch;
	sweep_endpoints(&s->n, true, NULL); // addresses and ports of killed containers become free
	for (size_t i = 0; r == 0 && i < s->wanted.count; i++)
		r = join_one(s, i, e);
	if (r == 0)
		r = check_published(s, e);
	if (r == 0)
		r = batch_end(batch, &s->n, e);
	if (r > 0)
		r = networks_publish(&s->n, e);
	if (r == 0)
		names_update(&s->n, s->record->name, &s->record->join);
	else if (leave_all(&s->n, s->record->name))
		publish(&s->n, NULL);
	return r;
}

int networks_join(const char *store, struct record *r, struct network_hold *hold, struct err *e)
{
	struct start s = {.n = {.lock = -1, .containers = -1}, .record = r, .hold = hold};
	int result = join_all(&s, store, e);

	networks_done(&s.n);
	attachments_done(&s.wanted);
	return result;
}

int networks_link(const struct networks *n, const char *container, int netns, struct err *e)
{
	auto_strv names = {0};
	int r = networks_up(n, &names);

	for (size_t i = 0; r == 0 && i < names.count; i++) {
		auto_own_network o = {0};
		r = own_network_read(n, names.items[i], &o, e);
		if (r == 0 && endpoint_is_on(&o, container))
			r = endpoint_link(n, &o, container, netns, e);
	}
	return r;
}

int networks_remove(const struct networks *n, const char *container, struct err *e)
{
	bool left = networks_are_unsettled(n) || has_tables(n, NULL), was = leave_all(n, container);

	return settle_empty(n) || was || left ? publish(n, e) : 0;
}

// Whether CONTAINER is on a network, others have not published what they changed, or a start was killed.
static bool needs_leaving(const struct networks *n, const char *container)
{
	auto_strv names = {0};
	bool found = networks_up(n, &names) < 0 || networks_are_unsettled(n);

	for (size_t i = 0; i < names.count && !found; i++) {
		auto_own_network o = {0};
		found = own_network_read(n, names.items[i], &o, NULL) == 0 && (endpoint_is_on(&o, container) || is_empty(&o));
	}
	return found;
}

int networks_leave(const char *store, const char *container, struct err *e)
{
	auto_networks n = {.lock = -1, .containers = -1};
	int r = networks_open(&n, store, NETWORKS_READ, e);

	if (r < 0 || !needs_leaving(&n, container))
		return r;
	auto_close int batch = batch_begin(&n, e);
	if (batch < 0)
		return batch;
	leave_all(&n, container);
	bool emptied = settle_empty(&n);
	r = batch_end(batch, &n, e);
	return r > 0 || (r == 0 && emptied) ? publish(&n, e) : r;
}
