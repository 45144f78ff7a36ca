// Rules about the sources of packets: see sources.h.
#include "sources.h"

#include "base/mem.h"
#include "base/str.h"

// The rate of queries of one container to the DNS server that all share; more are dropped.
enum { QUERIES_PER_SECOND = 1000, QUERIES_BURST = 2000 };

static char *mac_of(const struct source *s)
{
	return mac_text(s->mac);
}

static char *address_of(const struct source *s)
{
	return address_text(s->address);
}

static char *address6_of(const struct source *s)
{
	return address6_is_none(&s->address6) ? NULL : address6_text(&s->address6);
}

// Its link-local address, which the kernel derives from the MAC.
static struct address6 link_local(const struct source *s)
{
	const unsigned char *m = s->mac;

	return (struct address6){{0xfe, 0x80, [8] = m[0] ^ 2, m[1], m[2], 0xff, 0xfe, m[3], m[4], m[5]}};
}

static char *link_local_of(const struct source *s)
{
	struct address6 a = link_local(s);

	return address6_text(&a);
}

static void add_set(struct str *out, const char *name, const char *type, char *(*value)(const struct source *s),
                    const struct source *list, size_t count)
{
	auto_str elements = {0};

	for (size_t i = 0; i < count; i++) {
		auto_free char *text = value(&list[i]);
		if (text)
			str_addf(&elements, "%s\"%s\" . %s", elements.length ? ", " : "", list[i].link, text);
	}
	str_addf(out, "\tset %s {\n\t\ttype ifname . %s\n", name, type);
	if (elements.length)
		str_addf(out, "\t\telements = { %s }\n", elements.text);
	str_add(out, "\t}\n");
}

static void add_number(struct str *out, const unsigned char bytes[16])
{
	str_add(out, " @th,64,128 != 0x");
	for (int i = 0; i < 16; i++)
		str_addf(out, "%02x", bytes[i]);
}

// A container may advertise only its own IPv6 addresses: the assigned one, and the link-local one of its MAC.
static void add_adverts(struct str *out, const struct source *list, size_t count)
{
	str_add(out, "\tchain adverts {\n");
	for (size_t i = 0; i < count; i++) {
		struct address6 own = link_local(&list[i]);
		str_addf(out, "\t\tiifname \"%s\"", list[i].link);
		add_number(out, own.bytes);
		add_number(out, list[i].address6.bytes);
		str_add(out, " drop\n");
	}
	str_add(out, "\t}\n");
}

// Drops ARP of hardware types other than Ethernet: Linux also accepts IEEE 802, which "arp saddr" does not match.
// Frames with a VLAN tag have none of the three types.
static const char rules[] =
	"\t\tether type != { ip, ip6, arp } drop\n"
	"\t\tiifname . ether saddr != @macs drop\n"
	"\t\tether type arp arp htype != 1 drop\n"
	"\t\tether type arp iifname . arp saddr ether != @macs drop\n"
	"\t\tether type arp arp saddr ip != 0.0.0.0 iifname . arp saddr ip != @addresses drop\n"
	"\t\tether type ip iifname . ip saddr != @addresses drop\n"
	"\t\tether type ip6 ip6 saddr != { ::, fe80::/10 } iifname . ip6 saddr != @addresses6 drop\n"
	"\t\tether type ip6 ip6 saddr fe80::/10 iifname . ip6 saddr != @links6 drop\n"
	"\t\tether type ip6 icmpv6 type nd-neighbor-advert jump adverts\n"
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
	add_set(&out, "addresses6", "ipv6_addr", address6_of, list, count);
	add_set(&out, "links6", "ipv6_addr", link_local_of, list, count);
	add_adverts(&out, list, count);
	str_add(&out, "\tset queries {\n\t\ttype ifname\n\t\tsize 65535\n\t\tflags dynamic\n\t}\n");
	str_add(&out, "\tchain sources {\n\t\ttype filter hook prerouting priority -300\n");
	str_addf(&out, "\t\tmeta iifgroup != %u accept\n", group);
	str_add(&out, rules);
	str_addf(&out, "\t\tmeta l4proto { tcp, udp } th dport 53 "
	         "add @queries { iifname limit rate over %d/second burst %d packets } drop\n\t}\n}\n",
	         QUERIES_PER_SECOND, QUERIES_BURST);
	return str_steal(&out);
}
