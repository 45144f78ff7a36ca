// Relaying datagrams: see relay_udp.h.
#include "relay_udp.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/mem.h"
#include "relay_fd.h"

enum {
	DATAGRAM_MAX = 1 << 16,
	EVENTS_AT_ONCE = 8, // one datagram each
	BUCKETS = 1024,
};

// A descriptor in the epoll set, and the function that serves its events.
struct source {
	void (*serve)(struct udp_relay *r, struct source *s);
	int fd;
};
struct listener {
	struct source source; // the first member: pointers to it are converted
	bool ipv6;
	uint16_t inside;
};
union address {
	struct sockaddr any;
	struct sockaddr_in ipv4;
	struct sockaddr_in6 ipv6;
};
union packet_info {
	struct in_pktinfo ipv4;
	struct in6_pktinfo ipv6;
};
// What identifies a session; compared as bytes.
struct session_key {
	const struct listener *listener;
	union address client;
	union packet_info host; // answers come from the address that the client sent to
};
struct session {
	struct source source;
	struct session_key key;
	int64_t used;
	struct session *in_bucket, *older, *newer;
};
struct udp_relay {
	int epoll;
	uint32_t to;
	struct udp_relay_limits limits;
	struct source timer; // set while there are sessions
	struct listener *listeners;
	size_t listener_count, count;
	struct session *oldest, *newest, *buckets[BUCKETS];
	char datagram[DATAGRAM_MAX];
};

// Not left to close(2): a forked child may hold a copy of the descriptor, and then its events would still arrive.
static void close_source(const struct udp_relay *r, struct source *s)
{
	epoll_ctl(r->epoll, EPOLL_CTL_DEL, s->fd, NULL);
	auto_close_run(&s->fd);
}

static int watch_source(const struct udp_relay *r, struct source *s)
{
	return epoll_ctl(r->epoll, EPOLL_CTL_ADD, s->fd, &(struct epoll_event){.events = EPOLLIN, .data.ptr = s});
}

// --- sessions ---

static uint32_t hash_key(const struct session_key *key) // FNV-1a
{
	const unsigned char *bytes = (const unsigned char *)key;
	uint32_t hash = 2166136261U;

	for (size_t i = 0; i < sizeof(*key); i++)
		hash = (hash ^ bytes[i]) * 16777619U;
	return hash;
}

static struct session **find_bucket(struct udp_relay *r, const struct session_key *key)
{
	return &r->buckets[hash_key(key) % BUCKETS];
}

// Removes S from the list of sessions in the order of their use.
static void unlink_session(struct udp_relay *r, struct session *s)
{
	*(s->older ? &s->older->newer : &r->oldest) = s->newer;
	*(s->newer ? &s->newer->older : &r->newest) = s->older;
}

static void append_session(struct udp_relay *r, struct session *s)
{
	s->newer = NULL;
	s->older = r->newest;
	*(r->newest ? &r->newest->newer : &r->oldest) = s;
	r->newest = s;
	s->used = clock_mono();
}

static void mark_used(struct udp_relay *r, struct session *s)
{
	unlink_session(r, s);
	append_session(r, s);
}

static void end_session(struct udp_relay *r, struct session *s)
{
	struct session **at = find_bucket(r, &s->key);

	while (*at != s)
		at = &(*at)->in_bucket;
	*at = s->in_bucket;
	unlink_session(r, s);
	close_source(r, &s->source);
	free(s);
	r->count--;
}

static void set_timer(struct udp_relay *r)
{
	struct itimerspec at = {0};

	if (r->oldest)
		at.it_value = clock_timespec(r->oldest->used + r->limits.idle);
	timerfd_settime(r->timer.fd, TFD_TIMER_ABSTIME, &at, NULL);
}

static void serve_timer(struct udp_relay *r, struct source *s)
{
	int64_t now = clock_mono();
	uint64_t expirations;

	if (read(s->fd, &expirations, sizeof(expirations)) < 0)
		return;
	while (r->oldest && r->oldest->used + r->limits.idle <= now)
		end_session(r, r->oldest);
	set_timer(r);
}

static int connect_container(const struct udp_relay *r, uint16_t port)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(r->to)}};
	auto_close int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	return fd >= 0 && connect(fd, (const struct sockaddr *)&at, sizeof(at)) == 0 ? steal_fd(&fd) : -1;
}

// Answers of the container go to the client. Errors, for example of a port that nothing listens on, are read and
// dropped.
static void serve_session(struct udp_relay *r, struct source *source)
{
	struct session *s = (struct session *)(void *)source;
	bool ipv6 = s->key.listener->ipv6;
	size_t size = ipv6 ? sizeof(struct in6_pktinfo) : sizeof(struct in_pktinfo);
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(union packet_info))];
	} control = {.header = {.cmsg_level = ipv6 ? IPPROTO_IPV6 : IPPROTO_IP,
	                        .cmsg_type = ipv6 ? IPV6_PKTINFO : IP_PKTINFO, .cmsg_len = CMSG_LEN(size)}};
	ssize_t n = recv(source->fd, r->datagram, sizeof(r->datagram), 0);
	struct iovec part = {r->datagram, n > 0 ? (size_t)n : 0};
	const struct msghdr message = {.msg_name = &s->key.client,
	                               .msg_namelen = ipv6 ? sizeof(s->key.client.ipv6) : sizeof(s->key.client.ipv4),
	                               .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control,
	                               .msg_controllen = CMSG_SPACE(size)};

	memcpy(CMSG_DATA(&control.header), &s->key.host, size);
	if (n < 0)
		return;
	sendmsg(s->key.listener->source.fd, &message, MSG_NOSIGNAL);
	mark_used(r, s);
}

static struct session *open_session(struct udp_relay *r, const struct session_key *key)
{
	struct session *s, **bucket = find_bucket(r, key);

	while (r->count && r->count >= r->limits.sessions)
		end_session(r, r->oldest);
	int fd = relay_fd_move(connect_container(r, key->listener->inside));
	if (fd < 0)
		return NULL;
	s = mem_new(sizeof(*s));
	s->source = (struct source){serve_session, fd};
	memcpy(&s->key, key, sizeof(*key)); // with its padding
	s->in_bucket = *bucket;
	*bucket = s;
	append_session(r, s);
	watch_source(r, &s->source);
	if (!r->count++)
		set_timer(r);
	return s;
}

static struct session *find_session(struct udp_relay *r, const struct session_key *key)
{
	struct session *s = *find_bucket(r, key);

	while (s && memcmp(&s->key, key, sizeof(*key)) != 0)
		s = s->in_bucket;
	return s ? s : open_session(r, key);
}

// --- from clients ---

// The rules translate IPv4 to other addresses of this host; while they are missing, nothing may pass without them.
// Answers cannot be sent from a multicast address.
static bool is_served(const struct udp_relay *r, const struct session_key *key)
{
	const struct in6_addr *to = &key->host.ipv6.ipi6_addr;

	if (r->limits.any_address && !key->listener->ipv6)
		return !IN_MULTICAST(ntohl(key->host.ipv4.ipi_spec_dst.s_addr));
	return key->listener->ipv6 ? !IN6_IS_ADDR_MULTICAST(to) && !IN6_IS_ADDR_UNSPECIFIED(to)
	                           : ntohl(key->host.ipv4.ipi_spec_dst.s_addr) >> IN_CLASSA_NSHIFT == IN_LOOPBACKNET;
}

// Only link-local addresses need their interface: others may be reached through any.
static void read_host(struct session_key *key, const struct cmsghdr *c)
{
	if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
		memcpy(&key->host.ipv6, CMSG_DATA(c), sizeof(key->host.ipv6));
		if (!IN6_IS_ADDR_LINKLOCAL(&key->host.ipv6.ipi6_addr))
			key->host.ipv6.ipi6_ifindex = 0;
	} else if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
		struct in_pktinfo info;
		memcpy(&info, CMSG_DATA(c), sizeof(info));
		key->host.ipv4.ipi_spec_dst = info.ipi_addr;
	}
}

// Returns the size of the datagram, or -1.
static ssize_t receive_datagram(struct udp_relay *r, const struct listener *l, struct session_key *key)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(union packet_info))];
	} control;
	struct iovec part = {r->datagram, sizeof(r->datagram)};
	struct msghdr message = {.msg_name = &key->client, .msg_namelen = sizeof(key->client), .msg_iov = &part,
	                         .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)};

	memset(key, 0, sizeof(*key)); // with its padding
	key->listener = l;
	ssize_t n = recvmsg(l->source.fd, &message, 0);
	for (struct cmsghdr *c = n < 0 ? NULL : CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c))
		read_host(key, c);
	return n;
}

// An error of an earlier datagram is reported instead of sending this one.
static void send_to_container(const struct udp_relay *r, const struct session *s, size_t size)
{
	if (send(s->source.fd, r->datagram, size, MSG_NOSIGNAL) < 0 && errno == ECONNREFUSED)
		send(s->source.fd, r->datagram, size, MSG_NOSIGNAL);
}

static void serve_listener(struct udp_relay *r, struct source *source)
{
	struct session_key key;
	ssize_t n = receive_datagram(r, (const struct listener *)(void *)source, &key);
	struct session *s = n >= 0 && is_served(r, &key) ? find_session(r, &key) : NULL;

	if (!s)
		return;
	mark_used(r, s);
	send_to_container(r, s, (size_t)n);
}

void udp_relay_serve(struct udp_relay *r)
{
	struct epoll_event event; // one at a time: serving it may free the sources of others

	for (int i = 0; r && i < EVENTS_AT_ONCE && epoll_wait(r->epoll, &event, 1, 0) == 1; i++) {
		struct source *s = event.data.ptr;
		s->serve(r, s);
	}
}

// --- the relay ---

static bool is_relayed(const struct port_claim *c)
{
	return c->udp && c->relayed;
}

static void add_listener(struct udp_relay *r, const struct port_claim *c)
{
	struct listener *l = &r->listeners[r->listener_count++];
	int family = AF_UNSPEC, on = 1;

	getsockopt(c->fd, SOL_SOCKET, SO_DOMAIN, &family, &(socklen_t){sizeof(family)});
	*l = (struct listener){.source = {serve_listener, c->fd}, .ipv6 = family == AF_INET6, .inside = c->inside};
	if (l->ipv6)
		setsockopt(c->fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof(on));
	else
		setsockopt(c->fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof(on));
	watch_source(r, &l->source);
}

static struct udp_relay *create_relay(const struct port_claims *claims, uint32_t to, struct udp_relay_limits limits)
{
	struct udp_relay *r = mem_new(sizeof(*r));

	r->epoll = epoll_create1(EPOLL_CLOEXEC);
	r->timer = (struct source){serve_timer, timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK)};
	r->to = to;
	r->limits = (struct udp_relay_limits){relay_fd_most(limits.sessions, 1), limits.idle, limits.any_address};
	r->listeners = mem_array(claims->count, sizeof(*r->listeners));
	return r;
}

int udp_relay_new(struct udp_relay **relay, const struct port_claims *claims, uint32_t to,
                  struct udp_relay_limits limits, struct err *e)
{
	size_t first = 0;

	*relay = NULL;
	while (first < claims->count && !is_relayed(&claims->items[first]))
		first++;
	if (first == claims->count)
		return 0;
	struct udp_relay *r = create_relay(claims, to, limits);
	if (watch_source(r, &r->timer) < 0) {
		int code = errno;
		udp_relay_free(r);
		return err_set(e, code, "cannot relay datagrams to the published ports");
	}
	for (size_t i = first; i < claims->count; i++)
		if (is_relayed(&claims->items[i]))
			add_listener(r, &claims->items[i]);
	*relay = r;
	return 0;
}

void udp_relay_lead(struct udp_relay *r, uint32_t to)
{
	if (!r || r->to == to)
		return;
	while (r->oldest)
		end_session(r, r->oldest);
	r->to = to;
}

void udp_relay_free(struct udp_relay *r)
{
	if (!r)
		return;
	while (r->oldest)
		end_session(r, r->oldest);
	auto_close_run(&r->timer.fd);
	auto_close_run(&r->epoll);
	free(r->listeners);
	free(r);
}

int udp_relay_fd(const struct udp_relay *r)
{
	return r ? r->epoll : -1;
}

size_t udp_relay_sessions(const struct udp_relay *r)
{
	return r ? r->count : 0;
}
