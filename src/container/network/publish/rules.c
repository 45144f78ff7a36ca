// The rules as text: see rules.h.
#include "rules.h"

#include <string.h>

#include "base/mem.h"

// A map of published ports, for one protocol: of all of the host's addresses, or of one each.
static const struct map {
	const char *name, *protocol, *type;
	bool udp, one_address, ipv6;
} maps[] = {
	{"tcp-at", "tcp", "ipv4_addr . inet_service : ipv4_addr . inet_service", false, true, false},
	{"tcp-any", "tcp", "inet_service : ipv4_addr . inet_service", false, false, false},
	{"udp-at", "udp", "ipv4_addr . inet_service : ipv4_addr . inet_service", true, true, false},
	{"udp-any", "udp", "inet_service : ipv4_addr . inet_service", true, false, false},
	{"tcp6-at", "tcp", "ipv6_addr . inet_service : ipv6_addr . inet_service", false, true, true},
	{"tcp6-any", "tcp", "inet_service : ipv6_addr . inet_service", false, false, true},
	{"udp6-at", "udp", "ipv6_addr . inet_service : ipv6_addr . inet_service", true, true, true},
	{"udp6-any", "udp", "inet_service : ipv6_addr . inet_service", true, false, true},
};

bool rules_port_is_of(const struct rules_port *p, bool ipv6)
{
	return ipv6 ? p->port.family != PORT_IPV4 && !address6_is_none(&p->to6) : p->port.family != PORT_IPV6;
}

// The host's address; "" = all of them. Owned.
static char *outside_address(const struct rules_port *p, bool ipv6)
{
	struct address6 at;

	memcpy(at.bytes, p->port.address6, sizeof(at.bytes));
	return port_is_of_all(&p->port) ? mem_strdup("") : ipv6 ? address6_text(&at) : address_text(p->port.address);
}

static void add_element(struct str *out, const struct rules_port *p, bool ipv6, bool first)
{
	auto_free char *at = outside_address(p, ipv6), *to = ipv6 ? address6_text(&p->to6) : address_text(p->to);

	str_addf(out, "%s%s%s%u : %s . %u", first ? "" : ", ", at, *at ? " . " : "", p->port.outside, to, p->port.inside);
}

static void add_map(struct str *out, const struct map *m, const struct rules_port *ports, size_t count)
{
	auto_str elements = {0};

	for (size_t i = 0; i < count; i++)
		if (rules_port_is_of(&ports[i], m->ipv6) && ports[i].port.udp == m->udp &&
		    port_is_of_all(&ports[i].port) != m->one_address)
			add_element(&elements, &ports[i], m->ipv6, !elements.length);
	str_addf(out, "\tmap %s {\n\t\ttype %s\n", m->name, m->type);
	if (elements.length)
		str_addf(out, "\t\telements = { %s }\n", elements.text);
	str_add(out, "\t}\n");
}

// The loopback's addresses are left out: their traffic could leave the host only with route_localnet, which would
// open the host's own loopback services to its neighbours. So are IPv6's link-local ones, which do not leave a link.
static void add_publishing(struct str *out, bool ipv6)
{
	str_add(out, "\tchain publish {\n");
	for (size_t i = 0; i < ARRAY_SIZE(maps); i++) {
		if (maps[i].ipv6 && !ipv6)
			continue;
		const char *ip = maps[i].ipv6 ? "ip6" : "ip";
		str_addf(out, "\t\tdnat %s to ", ip);
		if (maps[i].one_address)
			str_addf(out, "%s daddr . ", ip);
		str_addf(out, "%s dport map @%s\n", maps[i].protocol, maps[i].name);
	}
	str_add(out, "\t}\n"
	             "\tchain prerouting {\n"
	             "\t\ttype nat hook prerouting priority -100\n"
	             "\t\tip6 daddr fe80::/10 return\n"
	             "\t\tfib daddr type local jump publish\n"
	             "\t}\n"
	             "\tchain output {\n"
	             "\t\ttype nat hook output priority -100\n"
	             "\t\tip daddr != 127.0.0.0/8 fib daddr type local jump publish\n");
	if (ipv6)
		str_add(out, "\t\tip6 daddr != { ::1, fe80::/10 } fib daddr type local jump publish\n");
	str_add(out, "\t}\n");
}

// A container that connects to a published port of its own network must get its answers through the host, which
// translates them back.
static void add_translation(struct str *out, const struct rules_network *n)
{
	auto_free char *subnet = subnet_text(&n->subnet);

	if (!n->isolated && !n->shared)
		str_addf(out, "\t\tip saddr %s ip daddr != %s masquerade\n", subnet, subnet);
	str_addf(out, "\t\tct status dnat ip saddr %s ip daddr %s masquerade\n", subnet, subnet);
	if (!n->subnet6.prefix)
		return;
	auto_free char *subnet6 = subnet6_text(&n->subnet6);
	if (!n->isolated && !n->shared)
		str_addf(out, "\t\tip6 saddr %s ip6 daddr != %s masquerade\n", subnet6, subnet6);
	str_addf(out, "\t\tct status dnat ip6 saddr %s ip6 daddr %s masquerade\n", subnet6, subnet6);
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

bool rules_network_publishes(const struct rules_network *n, bool ipv6)
{
	return ipv6 ? n->publishes6 : n->publishes;
}

bool rules_network_leads_outside(const struct rules_network *n, bool ipv6)
{
	return !n->isolated && !n->shared && (!ipv6 || n->subnet6.prefix);
}

bool rules_network_has_servers(const struct rules_network *n, bool ipv6)
{
	return !n->shared && (!ipv6 || n->subnet6.prefix);
}

// Declaring the table first makes its deletion succeed when it does not exist.
char *rules_text(const char *table, const struct rules_network *networks, size_t network_count,
                 const struct rules_port *ports, size_t port_count)
{
	auto_str out = {0};
	bool ipv6 = false; // some port is translated for it

	str_addf(&out, "table inet %s\ndelete table inet %s\n", table, table);
	if (!network_count)
		return str_steal(&out);
	str_addf(&out, "table inet %s {\n", table);
	for (size_t i = 0; i < port_count; i++)
		ipv6 |= rules_port_is_of(&ports[i], true);
	for (size_t i = 0; i < ARRAY_SIZE(maps); i++)
		if (ipv6 || !maps[i].ipv6)
			add_map(&out, &maps[i], ports, port_count);
	add_publishing(&out, ipv6);
	add_chain(&out, "postrouting", "nat hook postrouting priority 100", networks, network_count, add_translation);
	add_chain(&out, "forward", "filter hook forward priority 0", networks, network_count, add_forwarding);
	str_add(&out, "}\n");
	return str_steal(&out);
}
