// Tracing a packet: see trace.h.
#include "trace.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/ip.h>
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
#define HOST_ADDRESS "198.18.87.1" // for benchmarks of networks (RFC 2544): it is not used in any other
enum {
	HOST = 0xc6125701u, // the same as a number
	SENDER = HOST + 1,
	SENDER_PORT = 40000,
	PATIENCE = 500, // ms; the packet has usually passed by the time it is written
	ENDED_LAST = 1000, // priority of the chain that ends it: behind source NAT
};

// --- the packet ---

struct segment {
	struct iphdr ip;
	union {
		struct tcphdr tcp;
		struct udphdr udp;
	};
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

// The first packet of a connection, or a datagram without content and checksum. Returns its length.
static size_t make_packet(struct segment *s, const struct port *p)
{
	size_t n = p->udp ? sizeof(s->udp) : sizeof(s->tcp);

	*s = (struct segment){.ip = {.version = 4, .ihl = sizeof(s->ip) / 4, .ttl = 64,
	                             .protocol = p->udp ? IPPROTO_UDP : IPPROTO_TCP, .saddr = htonl(SENDER),
	                             .daddr = htonl(p->address ? p->address : HOST),
	                             .tot_len = htons((uint16_t)(sizeof(s->ip) + n))}};
	s->ip.check = fold(sum_words(&s->ip, sizeof(s->ip)));
	if (p->udp) {
		s->udp = (struct udphdr){
			.source = htons(SENDER_PORT), .dest = htons(p->outside), .len = htons(sizeof(s->udp))};
	} else {
		s->tcp = (struct tcphdr){.source = htons(SENDER_PORT), .dest = htons(p->outside), .doff = sizeof(s->tcp) / 4,
		                         .syn = 1, .window = htons(UINT16_MAX)};
		s->tcp.check = fold(sum_words(&s->ip.saddr, 2 * sizeof(s->ip.saddr)) + htons(IPPROTO_TCP) +
		                    htons(sizeof(s->tcp)) + sum_words(&s->tcp, sizeof(s->tcp)));
	}
	return sizeof(s->ip) + n;
}

// --- its way ---

// An interface on which the packet arrives. It exists until the descriptor is closed.
static int open_interface(char name[IFNAMSIZ], struct err *e)
{
	struct ifreq request = {.ifr_flags = IFF_TUN | IFF_NO_PI, .ifr_name = "hotrace%d"};
	auto_close int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0 || ioctl(fd, TUNSETIFF, &request) < 0)
		return err_set(e, errno, "cannot create an interface to trace packets");
	memcpy(name, request.ifr_name, IFNAMSIZ);
	if (netlink_set_up(name, e) < 0 || netlink_add_address(name, HOST_ADDRESS "/30", e) < 0)
		return -e->code;
	return steal_fd(&fd);
}

static char *rules_of(const char *table, const char *interface)
{
	return mem_printf("table inet %s {\n"
	                  "\tchain first {\n\t\ttype filter hook prerouting priority -450\n"
	                  "\t\tiifname \"%s\" meta nftrace set 1\n\t}\n"
	                  "\tchain last {\n\t\ttype filter hook postrouting priority %d\n"
	                  "\t\tip saddr " HOST_ADDRESS "/30 drop\n\t}\n}\n",
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

static int send_packet(const char *table, int interface, int traces, const struct port *p, char **chain, struct err *e)
{
	struct segment s;
	struct netlink_drop d = {0};
	size_t n = make_packet(&s, p);

	if (write(interface, &s, n) < 0)
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

int trace_port(const char *table, const struct rules_port *p, char **chain, struct err *e)
{
	char interface[IFNAMSIZ];
	struct err ignored;
	auto_close int fd = open_interface(interface, e), traces = netlink_listen_traces();
	auto_free char *own = trace_table(table), *text = rules_of(own, fd < 0 ? "" : interface),
	               *removal = mem_printf("delete table inet %s\n", own);

	*chain = NULL;
	if (fd < 0 || traces < 0)
		return fd < 0 ? fd : err_set(e, -traces, "cannot trace packets");
	int r = run_nft(text, e);
	if (r == 0)
		r = send_packet(own, fd, traces, &p->port, chain, e);
	run_nft(removal, &ignored);
	return r;
}
