// Hostel's own networks: see bridge.h.
#include "bridge.h"

#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "container/network/helper/helper.h"
#include "container/network/publish/passage.h"
#include "container/network/publish/rules.h"
#include "container/network/publish/trace.h"
#include "dns.h"
#include "forwarding.h"
#include "ipv6.h"
#include "place.h"
#include "sources.h"
#include "sys/fs.h"
#include "sys/netlink.h"
#include "sys/netlink_events.h"
#include "sys/proc.h"

#define PROGRAM_TIMEOUT (20 * SECOND)
enum { STOP_PATIENCE = 2000 }; // ms; normally, a server exits at once

// --- programs ---

static int run_program(const char *const argv[], const char *input, struct str *out, const char *package,
                       struct err *e)
{
	int r = proc_run(argv, input, out, PROGRAM_TIMEOUT, e);

	if (r == -ENOENT)
		return err_msg(e, ENOENT, "networks need '%s', which is not installed (install %s)", argv[0], package);
	return r > 0 ? -(e->code ? e->code : EIO) : r;
}

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
	return run_program((const char *const[]){"nft", "-f", "-", NULL}, input, chains, "nftables", e);
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

// Of a process that was killed while it traced a packet: the caller holds the lock.
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
	struct firewall_sign before;
	bool known = geteuid() == 0 && firewall_sign_now(&before); // an ordinary user's network namespace has no others
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

// --- the DNS server ---

// Its pid as text; returns whether there is one.
static bool read_server_pid(const struct own_network *o, char text[32])
{
	auto_free char *file = mem_printf("%s/dnsmasq.pid", o->directory);
	bool found = proc_read_file(file, text, 32) > 0;

	text[found ? strcspn(text, "\n") : 0] = '\0';
	return found;
}

// Recognizes a reused pid by the command line, and one that is reused meanwhile by the start time.
int own_network_open_server(const struct own_network *o)
{
	char text[32], line[4096];
	auto_free char *option = mem_printf("--conf-file=%s/dnsmasq.conf", o->directory);
	uint64_t pid, started;

	if (!read_server_pid(o, text))
		return -ESRCH;
	auto_free char *path = mem_printf("/proc/%s/cmdline", text);
	if (str_to_u64(text, &pid) < 0 || !pid || proc_start_time((pid_t)pid, &started) < 0)
		return -ESRCH;
	ssize_t n = proc_read_file(path, line, sizeof(line));
	return n > 0 && memmem(line, (size_t)n, option, strlen(option) + 1) ? proc_open((pid_t)pid, started) : -ESRCH;
}

static void signal_server(const struct own_network *o, int number)
{
	auto_close int server = own_network_open_server(o);

	if (server >= 0)
		pidfd_send_signal(server, number, NULL, 0);
}

bool own_network_is_served(const struct own_network *o)
{
	auto_close int server = o->shared ? -1 : own_network_open_server(o);

	return o->shared || server >= 0;
}

static int start_server(const struct own_network *o, struct err *e)
{
	auto_free char *text = dns_configuration(o->directory, o->bridge, &o->subnet, o->isolated,
	                                         geteuid() == 0 ? NULL : HELPER_SERVER),
	               *option = mem_printf("--conf-file=%s/dnsmasq.conf", o->directory);
	char pid[32];
	int r = networks_write_file(o->directory, "dnsmasq.conf", text, false, e);

	if (r == 0)
		r = run_program((const char *const[]){"dnsmasq", option, NULL}, NULL, NULL, "dnsmasq-base", e);
	if (r == 0 && geteuid() == 0 && read_server_pid(o, pid))
		network_place_enter(o->bridge, pid);
	return r < 0 ? err_wrap(e, "cannot start the DNS server of network '%s'", o->name) : 0;
}

// Waits until it has exited: only then can its control group be removed.
static void stop_server(const struct own_network *o)
{
	auto_close int server = own_network_open_server(o);
	struct pollfd p = {server, POLLIN, 0};

	if (server >= 0 && pidfd_send_signal(server, SIGTERM, NULL, 0) == 0)
		poll(&p, 1, STOP_PATIENCE);
	if (geteuid() == 0)
		network_place_remove(o->bridge);
}

static int publish_names_of(const struct own_network *o, const struct endpoints *l, struct err *e)
{
	if (o->shared) // libvirt knows them
		return 0;
	auto_free struct dns_name *names = mem_array(l->count + 1, sizeof(*names));
	for (size_t i = 0; i < l->count; i++)
		names[i] = (struct dns_name){l->items[i].address, l->items[i].container, &l->items[i].aliases,
		                             l->items[i].address6};
	auto_free char *text = dns_hosts(names, l->count);
	int r = networks_write_file(o->directory, "hosts", text, false, e);
	if (r == 0)
		signal_server(o, SIGHUP); // reads the file again
	return r;
}

int own_network_publish_names(const struct own_network *o, struct err *e)
{
	auto_endpoints l = {0};

	endpoints_read(o, &l);
	return publish_names_of(o, &l, e);
}

// --- rules and names ---

int networks_publish(const struct networks *n, struct err *e)
{
	struct ruled d = {0};
	int r = read_ruled(&d, n, e);

	for (size_t i = 0; r == 0 && networks_are_unsettled(n) && i < d.count; i++)
		r = publish_names_of(&d.networks[i], &d.endpoints[i], e);
	if (r == 0)
		r = load_rules(n, &d, e);
	if (r == 0)
		networks_note_settled(n);
	ruled_done(&d);
	return r;
}

// --- the bridge ---

static void add_subnet(struct subnet **list, size_t *count, struct subnet subnet)
{
	*list = mem_resize(*list, *count + 1, sizeof(**list));
	(*list)[(*count)++] = subnet;
}

// That of the program that connects an ordinary user's networks to the outside.
static struct subnet subnet_of_helper(void)
{
	uint32_t address = 0;

	address_parse(HELPER_ADDRESS, &address);
	return (struct subnet){address & ~UINT32_C(0xff), 24};
}

// The subnets of this host's interfaces.
static size_t host_subnets(struct subnet **list)
{
	struct ifaddrs *all = NULL;
	size_t count = 0;

	*list = NULL;
	if (geteuid() != 0)
		add_subnet(list, &count, subnet_of_helper());
	if (getifaddrs(&all) < 0)
		return count;
	for (const struct ifaddrs *a = all; a; a = a->ifa_next) {
		if (!a->ifa_addr || a->ifa_addr->sa_family != AF_INET || !a->ifa_netmask)
			continue;
		uint32_t mask = ntohl(((const struct sockaddr_in *)(const void *)a->ifa_netmask)->sin_addr.s_addr),
		         address = ntohl(((const struct sockaddr_in *)(const void *)a->ifa_addr)->sin_addr.s_addr);
		add_subnet(list, &count, (struct subnet){address & mask, (unsigned)__builtin_popcount(mask)});
	}
	freeifaddrs(all);
	return count;
}

static int check_subnet(const struct own_network *o, const struct subnet *taken, size_t count, struct err *e)
{
	for (size_t i = 0; i < count; i++)
		if (subnet_overlaps(&o->subnet, &taken[i])) {
			auto_free char *own = subnet_text(&o->subnet), *other = subnet_text(&taken[i]);
			return err_msg(e, EADDRINUSE, "network '%s': its subnet %s overlaps %s of this host", o->name, own, other);
		}
	return 0;
}

static void add_defined(const struct networks *n, struct subnet **list, size_t *count)
{
	auto_strv names = {0};

	own_network_definitions(n->store, &names);
	for (size_t i = 0; i < names.count; i++) {
		auto_own_network other = {0};
		if (own_network_read_definition(n, names.items[i], &other, NULL) < 0)
			continue;
		add_subnet(list, count, other.subnet);
	}
}

// An ordinary user's subnets are on no interface of this host.
static void add_up(const struct networks *n, struct subnet **list, size_t *count)
{
	auto_strv names = {0};

	networks_up(n, &names);
	for (size_t i = 0; i < names.count; i++) {
		auto_own_network other = {0};
		if (own_network_read(n, names.items[i], &other, NULL) == 0)
			add_subnet(list, count, other.subnet);
	}
}

int own_network_choose_subnet(const struct networks *n, struct own_network *o, struct err *e)
{
	struct subnet *taken = NULL;
	size_t count = host_subnets(&taken);

	add_defined(n, &taken, &count);
	add_up(n, &taken, &count);
	bool found = subnet_choose(&o->subnet, taken, count);
	free(taken);
	return found ? 0 : err_msg(e, EADDRINUSE, "network '%s': all of 10.87.0.0/16 is in use", o->name);
}

// By its definition, else with a free subnet.
static int define_network(const struct networks *n, const char *name, struct own_network *o, struct err *e)
{
	struct err missing = {0};
	auto_free struct subnet *taken = NULL;
	size_t count = host_subnets(&taken);
	int r = own_network_read_definition(n, name, o, &missing);

	if (r == 0)
		return check_subnet(o, taken, count, e);
	if (r != -ENOENT || !str_equal(name, NETWORK_DEFAULT))
		return r == -ENOENT ? err_msg(e, ENOENT, "no network '%s' (hostel network create %s)", name, name)
		                    : err_msg(e, -r, "%s", missing.text);
	*o = (struct own_network){.name = mem_strdup(name)};
	if (own_network_choose_subnet(n, o, e) < 0)
		return -e->code;
	o->gateway = subnet_gateway(&o->subnet);
	o->subnet6 = ipv6_subnet(n->store, name);
	o->directory = mem_printf("%s/%s", n->run, name);
	o->bridge = networks_bridge_name(n, name);
	return 0;
}

// On a host without IPv6, the network has only IPv4.
static int settle_ipv6(struct own_network *o, struct err *e)
{
	if (!ipv6_is_available())
		o->subnet6.prefix = 0;
	if (!o->subnet6.prefix || !ipv6_is_taken(&o->subnet6))
		return 0;
	auto_free char *subnet = subnet6_text(&o->subnet6);
	return err_msg(e, EADDRINUSE, "network '%s': its subnet %s overlaps one of this host (edit or recreate it)",
	               o->name, subnet);
}

static bool is_ours(const struct networks *n, const char *interface)
{
	auto_strv names = {0};

	netlink_group(n->group, &names, NULL);
	strv_sort(&names);
	return strv_has_sorted(&names, interface);
}

static int add_gateway6(const struct own_network *o, struct err *e)
{
	struct address6 first = subnet6_gateway(&o->subnet6);
	auto_free char *gateway = address6_text(&first), *address = mem_printf("%s/%u", gateway, o->subnet6.prefix);

	ipv6_prepare(o->bridge);
	int r = netlink_add_address(o->bridge, address, e);
	return r == -EEXIST ? 0 : r;
}

static int make_bridge(const struct networks *n, const struct own_network *o, struct err *e)
{
	auto_free char *gateway = address_text(subnet_gateway(&o->subnet)),
	               *address = mem_printf("%s/%u", gateway, o->subnet.prefix);
	bool exists = if_nametoindex(o->bridge) != 0;
	unsigned char mac[MAC_SIZE];

	mac_of_address(subnet_gateway(&o->subnet), mac);
	if (exists && !is_ours(n, o->bridge))
		return err_msg(e, EEXIST, "network '%s': this host already has another interface '%s'", o->name, o->bridge);
	int r = exists ? netlink_set_up(o->bridge, e) : netlink_add_bridge(o->bridge, mac, n->group, e);
	if (r == 0 && (r = netlink_add_address(o->bridge, address, e)) == -EEXIST)
		r = 0;
	return r < 0 || !o->subnet6.prefix ? r : add_gateway6(o, e);
}

// Until the bridge has its address, other stores' networks would be given the same subnet.
static int create_bridge(const struct networks *n, const char *name, struct own_network *o, struct err *e)
{
	auto_close int lock = networks_lock_host(n, "subnets.lock", "the subnets of this host", e);
	int r = lock < 0 ? lock : define_network(n, name, o, e);

	if (r == 0)
		r = settle_ipv6(o, e);
	if (r == 0)
		r = own_network_write(o, e); // first, so that the next steps can be undone
	return r == 0 ? make_bridge(n, o, e) : r;
}

static int bring_up(const struct networks *n, const char *name, struct own_network *o, struct err *e)
{
	struct err ignored;
	bool fresh = own_network_read(n, name, o, &ignored) < 0;
	int r = fresh ? create_bridge(n, name, o, e) : make_bridge(n, o, e);

	if (r == 0 && !o->isolated)
		r = forwarding_enable(n, FORWARD_IPV4, e);
	if (r == 0 && !o->isolated && o->subnet6.prefix && ipv6_may_forward())
		r = forwarding_enable(n, FORWARD_IPV6, e);
	if (r == 0 && !own_network_is_served(o) && (r = own_network_publish_names(o, e)) == 0)
		r = start_server(o, e);
	if (r < 0 && fresh && o->name)
		own_network_down(n, o);
	return r;
}

// Libvirt starts and stops its networks.
static int check_shared(const struct own_network *o, struct err *e)
{
	return if_nametoindex(o->bridge) ? 0 : err_msg(e, ENETDOWN, "libvirt's network '%s' is not active", o->name);
}

int own_network_define(const struct networks *n, const char *name, struct err *e)
{
	auto_own_network o = {0};

	if (own_network_read(n, name, &o, NULL) == 0)
		return 0;
	own_network_done(&o);
	int r = define_network(n, name, &o, e);
	if (r == 0)
		r = settle_ipv6(&o, e);
	return r == 0 ? own_network_write(&o, e) : r;
}

int own_network_up(const struct networks *n, const char *name, struct own_network *o, struct err *e)
{
	struct err ignored;

	if (own_network_read(n, name, o, &ignored) == 0 && o->shared)
		return check_shared(o, e);
	own_network_done(o);
	return bring_up(n, name, o, e);
}

void own_network_down(const struct networks *n, const struct own_network *o)
{
	auto_close int run = open(n->run, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (!o->shared)
		stop_server(o);
	if (!o->shared && is_ours(n, o->bridge))
		netlink_delete(o->bridge, NULL);
	if (run >= 0)
		fs_remove_tree(run, o->name, NULL);
	if (!o->isolated)
		forwarding_restore(n);
}

void own_network_settle(const struct networks *n, const struct own_network *o)
{
	auto_endpoints l = {0};

	endpoints_read(o, &l);
	if (!l.count && !l.incomplete && !o->kept)
		own_network_down(n, o);
}
