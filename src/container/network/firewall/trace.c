// Tracing a packet: see trace.h.
#include "trace.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "sys/netlink.h"
#include "sys/netlink_events.h"
#include "sys/proc.h"

#define PROGRAM_TIMEOUT (20 * SECOND)
#define HOST_ADDRESS "198.18.87.1" // reserved for benchmarks (RFC 2544), so no network should use it
#define HOST_ADDRESS6 "2001:2::8701" // the same (RFC 5180)
#define SENDER_ADDRESS6 "2001:2::8702"
enum {
	HOST = 0xc6125701u, // the same as a number
	SENDER = HOST + 1,
	SENDER_PORT = 40000,
	PATIENCE = 500, // ms; the packet has usually passed by the time it is written
	ENDED_LAST = 1000, // priority of the chain that drops it: after source NAT
};

// --- the packet ---

enum { PACKET_MAX = sizeof(struct ip6_hdr) + sizeof(struct tcphdr), TTL = 64 };

union transport {
	struct tcphdr tcp;
	struct udphdr udp;
};

static uint32_t sum_words(const void *bytes, size_t n)
{
	uint32_t sum = 0;
	uint16_t word;

	for (size_t i = 0; i + 1 < n; i += sizeof(word)) {
		memcpy(&word, (const char *)bytes + i, sizeof(word));
		sum += word;
	}
	return sum;
}

static uint16_t fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

// The first packet of a connection, or a datagram without content. Returns its length.
static size_t make_transport(union transport *t, const struct port *p)
{
	*t = (union transport){0};
	if (p->udp)
		t->udp = (struct udphdr){
			.source = htons(SENDER_PORT), .dest = htons(p->outside), .len = htons(sizeof(t->udp))};
	else
		t->tcp = (struct tcphdr){.source = htons(SENDER_PORT), .dest = htons(p->outside), .doff = sizeof(t->tcp) / 4,
		                         .syn = 1, .window = htons(UINT16_MAX)};
	return p->udp ? sizeof(t->udp) : sizeof(t->tcp);
}

// IP headers for N bytes of payload. Return their length; both end with the two addresses.
static size_t make_ipv4(unsigned char *bytes, const struct port *p, uint8_t protocol, size_t n)
{
	struct iphdr ip = {.version = 4, .ihl = sizeof(ip) / 4, .ttl = TTL, .protocol = protocol, .saddr = htonl(SENDER),
	                   .daddr = htonl(p->address ? p->address : HOST), .tot_len = htons((uint16_t)(sizeof(ip) + n))};

	ip.check = fold(sum_words(&ip, sizeof(ip)));
	memcpy(bytes, &ip, sizeof(ip));
	return sizeof(ip);
}

static size_t make_ipv6(unsigned char *bytes, const struct port *p, uint8_t protocol, size_t n)
{
	struct ip6_hdr ip = {.ip6_flow = htonl(6u << 28), .ip6_plen = htons((uint16_t)n), .ip6_nxt = protocol,
	                     .ip6_hlim = TTL};

	inet_pton(AF_INET6, SENDER_ADDRESS6, &ip.ip6_src);
	if (port_is_of_all(p))
		inet_pton(AF_INET6, HOST_ADDRESS6, &ip.ip6_dst);
	else
		memcpy(&ip.ip6_dst, p->address6, sizeof(ip.ip6_dst));
	memcpy(bytes, &ip, sizeof(ip));
	return sizeof(ip);
}

// Returns its length.
static size_t make_packet(unsigned char bytes[PACKET_MAX], const struct port *p, bool ipv6)
{
	union transport t;
	uint8_t protocol = p->udp ? IPPROTO_UDP : IPPROTO_TCP;
	size_t n = make_transport(&t, p), addresses = 2 * (ipv6 ? sizeof(struct in6_addr) : sizeof(struct in_addr)),
	       header = ipv6 ? make_ipv6(bytes, p, protocol, n) : make_ipv4(bytes, p, protocol, n);
	uint16_t sum = fold(sum_words(bytes + header - addresses, addresses) + htons(protocol) + htons((uint16_t)n) +
	                    sum_words(&t, n));

	*(p->udp ? &t.udp.check : &t.tcp.check) = sum ? sum : UINT16_MAX;
	memcpy(bytes + header, &t, n);
	return header + n;
}

// --- its way ---

// An interface on which the packet arrives. It exists until the descriptor is closed.
static int open_interface(char name[IFNAMSIZ], bool ipv6, struct err *e)
{
	struct ifreq request = {.ifr_flags = IFF_TUN | IFF_NO_PI, .ifr_name = "hotrace%d"};
	auto_close int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0 || ioctl(fd, TUNSETIFF, &request) < 0)
		return err_set(e, errno, "cannot create an interface to trace packets");
	memcpy(name, request.ifr_name, IFNAMSIZ);
	const char *address = ipv6 ? HOST_ADDRESS6 "/126" : HOST_ADDRESS "/30";
	if (netlink_set_up(name, e) < 0 || netlink_add_address(name, address, e) < 0)
		return -e->code;
	return steal_fd(&fd);
}

static char *rules_of(const char *table, const char *interface)
{
	return mem_printf("table inet %s {\n"
	                  "\tchain first {\n\t\ttype filter hook prerouting priority -450\n"
	                  "\t\tiifname \"%s\" meta nftrace set 1\n\t}\n"
	                  "\tchain last {\n\t\ttype filter hook postrouting priority %d\n"
	                  "\t\tip saddr " HOST_ADDRESS "/30 drop\n"
	                  "\t\tip6 saddr " HOST_ADDRESS6 "/126 drop\n\t}\n}\n",
	                  table, interface, ENDED_LAST);
}

static int run_nft(const char *text, struct err *e)
{
	int r = proc_run((const char *const[]){"nft", "-f", "-", NULL}, text, NULL, PROGRAM_TIMEOUT, e);

	return r > 0 ? -(e->code ? e->code : EIO) : r;
}

// Where the packet ended, which is usually known already.
static bool wait_for_drop(int traces, struct netlink_drop *d)
{
	int64_t until = clock_mono() + PATIENCE * MS;
	bool found = false;

	while (!(found = netlink_read_drop(traces, d)) && clock_mono() < until) {
		struct pollfd p = {traces, POLLIN, 0};
		poll(&p, 1, clock_poll_ms(until));
	}
	return found;
}

static int send_packet(const char *table, int interface, int traces, const unsigned char *packet, size_t size,
                       char **chain, struct err *e)
{
	struct netlink_drop d = {0};

	if (write(interface, packet, size) < 0)
		return err_set(e, errno, "cannot send a packet to trace");
	bool found = wait_for_drop(traces, &d), passed = found && str_equal(d.table, table);
	if (found && !passed)
		*chain = mem_printf("chain %s of table %s %s", d.chain, d.family, d.table);
	netlink_drop_done(&d);
	return passed ? TRACE_PASSED : found ? TRACE_DROPPED : TRACE_VANISHED;
}

char *trace_table(const char *table)
{
	return mem_printf("%s_trace", table);
}

int trace_port(const char *table, const struct rules_port *p, bool ipv6, char **chain, struct err *e)
{
	char interface[IFNAMSIZ];
	unsigned char packet[PACKET_MAX];
	size_t size = make_packet(packet, &p->port, ipv6);
	struct err ignored;
	auto_close int fd = open_interface(interface, ipv6, e), traces = netlink_listen_traces();
	auto_free char *own = trace_table(table), *text = rules_of(own, fd < 0 ? "" : interface),
	               *removal = mem_printf("delete table inet %s\n", own);

	*chain = NULL;
	if (fd < 0 || traces < 0)
		return fd < 0 ? fd : err_set(e, -traces, "cannot trace packets");
	int r = run_nft(text, e);
	if (r == 0)
		r = send_packet(own, fd, traces, packet, size, chain, e);
	run_nft(removal, &ignored);
	return r;
}
