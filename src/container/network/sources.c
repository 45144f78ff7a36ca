// Rules about the sources of packets: see sources.h.
#include "sources.h"

#include "base/mem.h"
#include "base/str.h"

// Queries of one container to a DNS server, which all of the network share; more are dropped.
enum { QUERIES_PER_SECOND = 1000, QUERIES_BURST = 2000 };

static char *mac_of(const struct source *s)
{
	return mac_text(s->mac);
}

static char *address_of(const struct source *s)
{
	return address_text(s->address);
}

static void add_set(struct str *out, const char *name, const char *type, char *(*value)(const struct source *s),
                    const struct source *list, size_t count)
{
	str_addf(out, "\tset %s {\n\t\ttype ifname . %s\n\t\telements = { ", name, type);
	for (size_t i = 0; i < count; i++) {
		auto_free char *text = value(&list[i]);
		str_addf(out, "%s\"%s\" . %s", i ? ", " : "", list[i].link, text);
	}
	str_add(out, " }\n\t}\n");
}

// ARP of any other hardware type than Ethernet's: Linux also takes that of IEEE 802, which "arp saddr" does not match.
// Frames with a VLAN tag are none of the three types.
static const char rules[] =
	"\t\tether type != { ip, ip6, arp } drop\n"
	"\t\tiifname . ether saddr != @macs drop\n"
	"\t\tether type arp arp htype != 1 drop\n"
	"\t\tether type arp iifname . arp saddr ether != @macs drop\n"
	"\t\tether type arp arp saddr ip != 0.0.0.0 iifname . arp saddr ip != @addresses drop\n"
	"\t\tether type ip iifname . ip saddr != @addresses drop\n"
	"\t\tether type ip6 icmpv6 type { nd-router-advert, nd-redirect } drop\n"
	"\t\tudp dport { 67, 547 } drop\n"; // DHCP: their addresses are fixed

char *sources_text(const char *table, uint32_t group, const struct source *list, size_t count)
{
	auto_str out = {0};

	str_addf(&out, "table bridge %s\ndelete table bridge %s\n", table, table);
	if (!count)
		return str_steal(&out);
	str_addf(&out, "table bridge %s {\n", table);
	add_set(&out, "macs", "ether_addr", mac_of, list, count);
	add_set(&out, "addresses", "ipv4_addr", address_of, list, count);
	str_add(&out, "\tset queries {\n\t\ttype ifname\n\t\tsize 65535\n\t\tflags dynamic\n\t}\n");
	str_add(&out, "\tchain sources {\n\t\ttype filter hook prerouting priority -300\n");
	str_addf(&out, "\t\tmeta iifgroup != %u accept\n", group);
	str_add(&out, rules);
	str_addf(&out, "\t\tmeta l4proto { tcp, udp } th dport 53 "
	         "add @queries { iifname limit rate over %d/second burst %d packets } drop\n\t}\n}\n",
	         QUERIES_PER_SECOND, QUERIES_BURST);
	return str_steal(&out);
}
