// Network interfaces of containers: see interfaces.h.
#include "interfaces.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "container/network/helper/helper.h"
#include "container/network/record/attachment.h"
#include "container/network/record/choice.h"
#include "container/network/record/state.h"
#include "model/device.h"
#include "model/id.h"
#include "model/param.h"
#include "sys/proc.h"

static const char loopback[] = "lo";

bool record_has_interfaces(const struct record *r)
{
	enum network_mode mode = network_choose(r).mode;

	return mode == NETWORK_NAMED || mode == NETWORK_PATH || mode == NETWORK_CONTAINER;
}

static char *interface_key(const char *container, const char *interface)
{
	return mem_printf("%s/%s", container, interface);
}

// --- listing ---

static void fill_from_endpoint(struct device *d, const struct own_network *o, const struct endpoint *p)
{
	auto_free char *address = address_text(p->address), *address6 = address6_text(&p->address6);

	d->source = mem_strdup(o->name);
	d->mac = mac_text(p->mac);
	d->addresses =
	    address6_is_none(&p->address6) ? mem_strdup(address) : mem_printf("%s,%s", address, address6);
}

// Adds to D, an interface of the container R that is called NAME inside, what R's networks know about it.
static void fill_from_networks(struct containers *c, const struct record *r, const char *name,
                               struct network_ids *networks, struct device *d)
{
	auto_networks n = {.lock = -1, .containers = -1};
	auto_attachments l = {0};
	struct err ignored;

	if (attachments_read(&l, &r->params, &ignored) < 0 ||
	    networks_open(&n, c->store.path, NETWORKS_READ, &ignored) < 0)
		return;
	for (size_t i = 0; i < l.count && !d->source; i++) {
		auto_own_network o = {0};
		struct endpoint p = {0};

		if (own_network_read(&n, l.items[i].network, &o, NULL) == 0 &&
		    endpoint_read(&o, r->name, &p, NULL) == 0 && str_equal(p.interface, name))
			fill_from_endpoint(d, &o, &p);
		endpoint_done(&p);
	}
	if (d->source)
		network_use_add(networks, c, d->source, &d->uses);
}

static void fill_private(struct device *d)
{
	d->source = mem_strdup(NETWORK_DEFAULT);
	d->addresses = mem_strdup(HELPER_ADDRESS);
}

static void list_interface(struct containers *c, const struct view *v, const char *name, struct network_ids *networks,
                           struct inventory *inv)
{
	auto_free char *key = interface_key(v->record.name, name);
	struct device d = {.kind = KIND_INTERFACE, .state = STATE_ACTIVE};

	if (network_choose(&v->record).mode != NETWORK_NAMED)
		d.source = mem_strdup(params_or(&v->record.params, PARAM_NETWORK, ""));
	else if (network_is_private(&v->record))
		fill_private(&d);
	else
		fill_from_networks(c, &v->record, name, networks, &d);
	d.owner = id_make("bunk", KIND_CONTAINER, v->record.name);
	d.tree = mem_strdup(d.owner);
	strv_add(&d.used_by, v->record.name);
	id_fill(&d.item, "bunk", key, name);
	inventory_upsert_item(inv, &d.item);
}

void interfaces_list(struct containers *c, const struct view *v, struct network_ids *networks, struct inventory *inv)
{
	auto_free struct proc_interface *items = NULL;
	size_t count = record_has_interfaces(&v->record) ? proc_interfaces(v->state.pid, &items) : 0;

	for (size_t i = 0; i < count; i++)
		if (!str_equal(items[i].name, loopback))
			list_interface(c, v, items[i].name, networks, inv);
}

// --- figures ---

static void sample_add(struct sample *s, const struct proc_interface *i)
{
	sample_set(s, METRIC_NET_RX, s->value[METRIC_NET_RX] + i->rx);
	sample_set(s, METRIC_NET_TX, s->value[METRIC_NET_TX] + i->tx);
}

void interfaces_sample_sum(const struct measured *m, struct sample *s)
{
	auto_free struct proc_interface *items = NULL;
	size_t count = proc_interfaces(m->pid, &items);

	for (size_t i = 0; i < count; i++)
		if (!str_equal(items[i].name, loopback))
			sample_add(s, &items[i]);
}

static void sample_interfaces_of(const struct measured *m, const struct measures *what,
                                 void (*report)(void *context, const char *id, const struct sample *s), void *context)
{
	auto_free struct proc_interface *items = NULL;
	size_t count = proc_is_alive(m->pid, m->pid_started) ? proc_interfaces(m->pid, &items) : 0;

	for (size_t i = 0; i < count; i++) {
		auto_free char *key = interface_key(m->name, items[i].name), *id = id_make("bunk", KIND_INTERFACE, key);
		struct sample s = {.at = clock_mono()};

		if (str_equal(items[i].name, loopback))
			continue;
		sample_add(&s, &items[i]);
		s.have &= measures_of(what, KIND_INTERFACE, id);
		if (s.have)
			report(context, id, &s);
	}
}

void interfaces_sample(struct containers *c, const struct measures *what,
                       void (*report)(void *context, const char *id, const struct sample *s), void *context)
{
	for (size_t i = 0; measures_any(what, KIND_INTERFACE) && i < c->measured_count; i++)
		if (c->measured[i].networked)
			sample_interfaces_of(&c->measured[i], what, report, context);
}
