// Rules and names of all networks: see publish.h.
#include "publish.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "container/network/firewall/passage.h"
#include "container/network/firewall/trace.h"
#include "container/network/publish/rules.h"
#include "ipv6.h"
#include "program.h"
#include "server.h"
#include "sources.h"
#include "sys/netlink_events.h"

// The input of the rules. The rows point into NETWORKS and ENDPOINTS.
struct ruled {
	struct own_network *networks;
	struct endpoints *endpoints; // of each
	struct rules_network *rows;
	size_t count;
	struct rules_port *ports;
	size_t port_count;
	struct source *sources;
	size_t source_count;
	bool forwards6; // this host forwards IPv6
};

static void ruled_done(struct ruled *d)
{
	for (size_t i = 0; i < d->count; i++) {
		own_network_done(&d->networks[i]);
		endpoints_done(&d->endpoints[i]);
	}
	free(d->networks);
	free(d->endpoints);
	free(d->rows);
	free(d->ports);
	free(d->sources);
}

static void add_endpoint_rules(struct ruled *d, const struct endpoint *p)
{
	size_t ports = geteuid() == 0 ? p->ports.count : 0; // an ordinary user's are forwarded (forwarder.h)

	for (size_t k = 0; k < ports; k++) {
		d->ports = mem_resize(d->ports, d->port_count + 1, sizeof(*d->ports));
		d->ports[d->port_count] = (struct rules_port){.port = p->ports.items[k], .to = p->address};
		if (p->routed6 && d->forwards6) // otherwise the container could not answer: see relay.h
			d->ports[d->port_count].to6 = p->address6;
		d->port_count++;
	}
	d->sources = mem_resize(d->sources, d->source_count + 1, sizeof(*d->sources));
	d->sources[d->source_count++] = (struct source){p->link, p->mac, p->address, p->address6};
}

static int add_network_rules(struct ruled *d, const struct networks *n, const char *name, struct err *e)
{
	struct own_network *o = &d->networks[d->count];
	struct endpoints *l = &d->endpoints[d->count];
	int r = own_network_read(n, name, o, e);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	endpoints_read(o, l);
	size_t ports = d->port_count;
	for (size_t i = 0; i < l->count; i++)
		add_endpoint_rules(d, &l->items[i]);
	struct rules_network *row = &d->rows[d->count++];
	*row = (struct rules_network){.bridge = o->bridge, .subnet = o->subnet, .isolated = o->isolated,
	                              .shared = o->shared, .publishes = d->port_count > ports, .subnet6 = o->subnet6};
	for (size_t i = ports; i < d->port_count; i++)
		row->publishes6 |= rules_port_is_of(&d->ports[i], true);
	return l->incomplete ? err_msg(e, EIO, "cannot read the containers of network '%s'", name) : 0;
}

// A network that cannot be read keeps its rules: without them it would be open, and its ports closed.
static int read_ruled(struct ruled *d, const struct networks *n, struct err *e)
{
	auto_strv names = {0};
	int r = networks_up(n, &names);

	if (r < 0)
		return err_set(e, -r, "cannot read the networks");
	d->forwards6 = ipv6_forwards();
	d->networks = mem_array(names.count + 1, sizeof(*d->networks));
	d->endpoints = mem_array(names.count + 1, sizeof(*d->endpoints));
	d->rows = mem_array(names.count + 1, sizeof(*d->rows));
	for (size_t i = 0; r == 0 && i < names.count; i++)
		r = add_network_rules(d, n, names.items[i], e);
	return r < 0 ? err_wrap(e, "cannot change the rules of the networks") : 0;
}

// Sets CHAINS to those of the whole host afterwards: listing them in the same run of nft costs nothing.
static int load_text(const char *text, struct str *chains, struct err *e)
{
	auto_free char *input = mem_printf("%slist chains\n", text);

	str_done(chains);
	return network_program_run((const char *const[]){"nft", "-f", "-", NULL}, input, chains, "nftables", e);
}

#define UNCHECKED ".unchecked" // a file that says that the kernel has no tables of the family bridge

static char *unchecked_path(const struct networks *n)
{
	return mem_printf("%s/" UNCHECKED, n->run);
}

bool networks_check_sources(const struct networks *n)
{
	auto_free char *path = unchecked_path(n);

	return access(path, F_OK) < 0;
}

// Removes the table of a process that was killed while it traced a packet: the caller holds the lock.
static char *removal_of_trace(const struct networks *n)
{
	auto_free char *table = trace_table(n->table);

	return netlink_has_table(false, table) ? mem_printf("delete table inet %s\n", table) : mem_strdup("");
}

void networks_find_tables(const struct networks *n, struct strv *found)
{
	auto_free char *trace = trace_table(n->table);
	auto_strv names = {0};
	bool any = networks_up(n, &names) < 0 || names.count;
	const struct {
		bool bridge, expected;
		const char *name;
	} tables[] = {{false, false, trace}, {false, any, n->table}, {true, any, n->table}};

	for (size_t i = 0; i < ARRAY_SIZE(tables); i++)
		if (!tables[i].expected && netlink_has_table(tables[i].bridge, tables[i].name))
			strv_addf(found, "nftables table '%s %s'", tables[i].bridge ? "bridge" : "inet", tables[i].name);
}

// Loads both tables at once, or only the first if the table of source addresses is what fails.
static int load_rules(const struct networks *n, const struct ruled *d, struct err *e)
{
	auto_free char *trace = removal_of_trace(n),
	               *own = rules_text(n->table, d->rows, d->count, d->ports, d->port_count),
	               *rules = mem_printf("%s%s", trace, own),
	               *sources = sources_text(n->table, n->group, d->sources, d->source_count),
	               *text = mem_printf("%s%s", rules, sources), *unchecked = unchecked_path(n);
	auto_str chains = {0};
	struct firewall_stamp before;
	bool known = geteuid() == 0 && firewall_stamp_now(&before); // an ordinary user's network namespace has no others
	int r = load_text(text, &chains, e);

	if (r == 0)
		unlink(unchecked);
	else if (r != -ENOENT && (r = load_text(rules, &chains, e)) == 0)
		r = networks_write_file(n->run, UNCHECKED, "", false, e);
	if (r == 0)
		passage_open(n, &(struct passage){d->rows, d->count, d->ports, d->port_count}, str_text(&chains),
		             known ? &before : NULL);
	return r;
}

int networks_publish(const struct networks *n, struct err *e)
{
	struct ruled d = {0};
	int r = read_ruled(&d, n, e);

	for (size_t i = 0; r == 0 && networks_are_unsettled(n) && i < d.count; i++)
		r = own_network_write_names(&d.networks[i], &d.endpoints[i], e);
	if (r == 0)
		r = load_rules(n, &d, e);
	if (r == 0)
		networks_note_settled(n);
	ruled_done(&d);
	return r;
}
