// The rules as text: see rules.h.
#include "rules.h"

#include "base/mem.h"

// A map of published ports, for one protocol: of all of the host's addresses, or of one each.
static const struct map {
	const char *name, *protocol, *type;
	bool udp, one_address;
} maps[] = {
	{"tcp-at", "tcp", "ipv4_addr . inet_service", false, true},
	{"tcp-any", "tcp", "inet_service", false, false},
	{"udp-at", "udp", "ipv4_addr . inet_service", true, true},
	{"udp-any", "udp", "inet_service", true, false},
};

static void add_element(struct str *out, const struct rules_port *p, bool first)
{
	auto_free char *at = p->port.address ? address_text(p->port.address) : NULL, *to = address_text(p->to);

	str_addf(out, "%s%s%s%u : %s . %u", first ? "" : ", ", at ? at : "", at ? " . " : "", p->port.outside, to,
	         p->port.inside);
}

static void add_map(struct str *out, const struct map *m, const struct rules_port *ports, size_t count)
{
	auto_str elements = {0};

	for (size_t i = 0; i < count; i++)
		if (ports[i].port.family != PORT_IPV6 && ports[i].port.udp == m->udp &&
		    !!ports[i].port.address == m->one_address)
			add_element(&elements, &ports[i], !elements.length);
	str_addf(out, "\tmap %s {\n\t\ttype %s : ipv4_addr . inet_service\n", m->name, m->type);
	if (elements.length)
		str_addf(out, "\t\telements = { %s }\n", elements.text);
	str_add(out, "\t}\n");
}

// The loopback's addresses are left out: their traffic could leave the host only with route_localnet, which would
// open the host's own loopback services to its neighbours.
static void add_publishing(struct str *out)
{
	str_add(out, "\tchain publish {\n");
	for (size_t i = 0; i < ARRAY_SIZE(maps); i++)
		str_addf(out, "\t\tdnat ip to %s%s dport map @%s\n", maps[i].one_address ? "ip daddr . " : "",
		         maps[i].protocol, maps[i].name);
	str_add(out, "\t}\n"
	             "\tchain prerouting {\n"
	             "\t\ttype nat hook prerouting priority -100\n"
	             "\t\tfib daddr type local jump publish\n"
	             "\t}\n"
	             "\tchain output {\n"
	             "\t\ttype nat hook output priority -100\n"
	             "\t\tip daddr != 127.0.0.0/8 fib daddr type local jump publish\n"
	             "\t}\n");
}

// A container that connects to a published port of its own network must get its answers through the host, which
// translates them back.
static void add_translation(struct str *out, const struct rules_network *n)
{
	auto_free char *subnet = subnet_text(&n->subnet);

	if (!n->isolated && !n->shared)
		str_addf(out, "\t\tip saddr %s ip daddr != %s masquerade\n", subnet, subnet);
	if (!n->isolated && !n->shared && n->subnet6.prefix) {
		auto_free char *subnet6 = subnet6_text(&n->subnet6);
		str_addf(out, "\t\tip6 saddr %s ip6 daddr != %s masquerade\n", subnet6, subnet6);
	}
	str_addf(out, "\t\tct status dnat ip saddr %s ip daddr %s masquerade\n", subnet, subnet);
}

static void add_forwarding(struct str *out, const struct rules_network *n)
{
	if (n->shared) // by libvirt's rules
		return;
	if (n->isolated)
		str_addf(out, "\t\tiifname \"%s\" oifname != \"%s\" reject\n", n->bridge, n->bridge);
	else
		str_addf(out,
		         "\t\toifname \"%s\" ct state established,related accept\n"
		         "\t\toifname \"%s\" ct status dnat accept\n",
		         n->bridge, n->bridge);
	str_addf(out, "\t\toifname \"%s\" iifname != \"%s\" reject\n", n->bridge, n->bridge);
}

static void add_chain(struct str *out, const char *name, const char *type, const struct rules_network *networks,
                      size_t count, void (*add)(struct str *out, const struct rules_network *n))
{
	str_addf(out, "\tchain %s {\n\t\ttype %s\n", name, type);
	for (size_t i = 0; i < count; i++)
		add(out, &networks[i]);
	str_add(out, "\t}\n");
}

bool rules_network_publishes(const struct rules_network *n)
{
	return n->publishes;
}

bool rules_network_leads_outside(const struct rules_network *n)
{
	return !n->isolated && !n->shared;
}

bool rules_network_has_servers(const struct rules_network *n)
{
	return !n->shared;
}

// Declaring the table first makes its deletion succeed when it does not exist.
char *rules_text(const char *table, const struct rules_network *networks, size_t network_count,
                 const struct rules_port *ports, size_t port_count)
{
	auto_str out = {0};

	str_addf(&out, "table inet %s\ndelete table inet %s\n", table, table);
	if (!network_count)
		return str_steal(&out);
	str_addf(&out, "table inet %s {\n", table);
	for (size_t i = 0; i < ARRAY_SIZE(maps); i++)
		add_map(&out, &maps[i], ports, port_count);
	add_publishing(&out);
	add_chain(&out, "postrouting", "nat hook postrouting priority 100", networks, network_count, add_translation);
	add_chain(&out, "forward", "filter hook forward priority 0", networks, network_count, add_forwarding);
	str_add(&out, "}\n");
	return str_steal(&out);
}
