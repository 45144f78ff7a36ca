// Relaying connections with splice(2): see relay.h.
#include "relay.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "relay_fd.h"
#include "relay_udp.h"

enum {
	CHUNK = 1 << 16,       // bytes moved at once
	EVENTS_AT_ONCE = 32,
	ACCEPTS_AT_ONCE = 32,
	CONNECTION_FDS = 6,    // two sockets, and two pipes while both sides are slow
	SYN_RETRIES = 3,       // about 15 s
};

// The source of an event: a listening socket, or one side of a connection.
struct side {
	struct connection *connection; // NULL: a listening socket
	int fd;
	uint32_t events; // that are waited for; 0: not in the epoll set
	// of a connection: what is read here goes through a pipe to the other side
	struct side *other;
	int pipe[2]; // -1: none, while it is empty
	size_t in_pipe;
	bool ended, passed_on; // end of file was read; it was passed on to the other side
	// of a listening socket
	uint16_t inside;
};
struct connection {
	struct side client, container;
	bool connecting;
	struct connection *next;
};
struct relay {
	int epoll;
	uint32_t to;
	bool any_address;
	struct side *listeners;
	size_t listener_count;
	struct connection *connections;
	size_t count, most;
	int spare[2]; // an empty pipe for the next side that needs one, or -1
	struct udp_relay *udp; // its events have a NULL pointer
};

static void want_events(struct relay *r, struct side *s, uint32_t events)
{
	struct epoll_event event = {.events = events, .data.ptr = s};

	if (s->events != events)
		epoll_ctl(r->epoll, !events ? EPOLL_CTL_DEL : s->events ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, s->fd, &event);
	s->events = events;
}

// --- one connection ---

static void close_pipe(int pipe[2])
{
	auto_close_run(&pipe[0]);
	auto_close_run(&pipe[1]);
}

// A forked child may hold copies of the descriptors, so closing them would not end their events.
static void close_side(struct relay *r, struct side *s)
{
	want_events(r, s, 0);
	close_pipe(s->pipe);
	auto_close_run(&s->fd);
}

static void free_connection(struct relay *r, struct connection *c)
{
	close_side(r, &c->client);
	close_side(r, &c->container);
	free(c);
}

static void drop_connection(struct relay *r, struct connection *c)
{
	struct connection **at = &r->connections;

	while (*at != c)
		at = &(*at)->next;
	*at = c->next;
	r->count--;
	free_connection(r, c);
}

static void move_pipe(int from[2], int to[2])
{
	for (int i = 0; i < 2; i++)
		to[i] = steal_fd(&from[i]);
}

static bool new_pipe(int pipe[2])
{
	if (pipe2(pipe, O_CLOEXEC | O_NONBLOCK) < 0)
		return false;
	for (int i = 0; i < 2; i++)
		pipe[i] = relay_fd_move(pipe[i]);
	return true;
}

static bool take_pipe(struct relay *r, struct side *s)
{
	if (r->spare[0] < 0)
		return new_pipe(s->pipe);
	move_pipe(r->spare, s->pipe);
	return true;
}

// Most connections are idle at any moment, and need no pipe then.
static void return_pipe(struct relay *r, struct side *s)
{
	if (s->in_pipe || s->pipe[0] < 0)
		return;
	if (r->spare[0] < 0)
		move_pipe(s->pipe, r->spare);
	else
		close_pipe(s->pipe);
}

// Reads only into an empty pipe: small packets fill its slots, and EAGAIN would not say which end has to wait.
static bool fill_pipe(struct relay *r, struct side *s)
{
	if (s->in_pipe || s->ended)
		return true;
	if (!take_pipe(r, s))
		return false;
	ssize_t n = splice(s->fd, NULL, s->pipe[1], NULL, CHUNK, SPLICE_F_NONBLOCK | SPLICE_F_MOVE);
	s->ended = n == 0;
	s->in_pipe = n > 0 ? (size_t)n : 0;
	return n >= 0 || errno == EAGAIN || errno == EINTR;
}

static bool empty_pipe(struct side *s)
{
	if (!s->in_pipe)
		return true;
	ssize_t n = splice(s->pipe[0], NULL, s->other->fd, NULL, s->in_pipe, SPLICE_F_NONBLOCK | SPLICE_F_MOVE);
	s->in_pipe -= n > 0 ? (size_t)n : 0;
	return n >= 0 || errno == EAGAIN || errno == EINTR;
}

// Moves bytes from S to the other side. Returns false if the connection is broken.
static bool move_bytes(struct relay *r, struct side *s)
{
	if (!fill_pipe(r, s) || !empty_pipe(s))
		return false;
	return_pipe(r, s);
	if (s->ended && !s->in_pipe && !s->passed_on) {
		shutdown(s->other->fd, SHUT_WR);
		s->passed_on = true;
	}
	return true;
}

static void want_more(struct relay *r, struct side *s)
{
	want_events(r, s, (s->ended || s->in_pipe ? 0 : EPOLLIN) | (s->other->in_pipe ? EPOLLOUT : 0));
}

// The client sees a reset: its connection is already accepted, so it can no longer be refused.
static bool is_connected(struct connection *c)
{
	static const struct linger reset = {.l_onoff = 1};
	int code = 0;

	getsockopt(c->container.fd, SOL_SOCKET, SO_ERROR, &code, &(socklen_t){sizeof(code)});
	if (code)
		setsockopt(c->client.fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	c->connecting = false;
	return !code;
}

static void serve_connection(struct relay *r, struct connection *c)
{
	bool whole = (!c->connecting || is_connected(c)) && move_bytes(r, &c->client) && move_bytes(r, &c->container);

	if (!whole || (c->client.passed_on && c->container.passed_on)) {
		drop_connection(r, c);
		return;
	}
	want_more(r, &c->client);
	want_more(r, &c->container);
}

// --- new ones ---

// The rules translate IPv4 connections to other addresses of this host. If they are missing, a relay would hide the
// client's address from the container.
static bool is_served(const struct relay *r, int fd)
{
	struct sockaddr_storage at = {0};

	if (r->any_address)
		return true;
	if (getsockname(fd, (struct sockaddr *)&at, &(socklen_t){sizeof(at)}) < 0)
		return false;
	uint32_t address = ntohl(((const struct sockaddr_in *)(const void *)&at)->sin_addr.s_addr);
	return at.ss_family == AF_INET6 || address >> IN_CLASSA_NSHIFT == IN_LOOPBACKNET;
}

static int connect_container(const struct relay *r, uint16_t port)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(r->to)}};
	auto_close int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd >= 0)
		setsockopt(fd, IPPROTO_TCP, TCP_SYNCNT, &(int){SYN_RETRIES}, sizeof(int));
	return fd >= 0 && (connect(fd, (const struct sockaddr *)&at, sizeof(at)) == 0 || errno == EINPROGRESS)
	           ? steal_fd(&fd)
	           : -1;
}

static bool open_side(struct side *s, struct connection *c, struct side *other, int fd)
{
	*s = (struct side){.connection = c, .fd = relay_fd_move(fd), .other = other, .pipe = {-1, -1}};
	return fd >= 0;
}

static void add_connection(struct relay *r, int client, uint16_t inside)
{
	struct connection *c = mem_array(1, sizeof(*c));
	int container = is_served(r, client) ? connect_container(r, inside) : -1;
	bool whole = open_side(&c->client, c, &c->container, client);

	whole = open_side(&c->container, c, &c->client, container) && whole;
	if (!whole) {
		free_connection(r, c);
		return;
	}
	c->connecting = true;
	c->next = r->connections;
	r->connections = c;
	r->count++;
	want_events(r, &c->container, EPOLLOUT);
}

// Lets LISTENER cause another event if connections are still waiting.
static void rearm(const struct relay *r, struct side *listener)
{
	struct epoll_event event = {.events = listener->events, .data.ptr = listener};

	epoll_ctl(r->epoll, EPOLL_CTL_MOD, listener->fd, &event);
}

// Accepts waiting connections. Listening sockets are edge-triggered: a connection that cannot be accepted now, for
// lack of descriptors, is tried again when another one ends or arrives.
static void accept_waiting(struct relay *r, struct side *listener)
{
	int fd = 0;

	for (int i = 0; fd >= 0 && r->count < r->most; i++) {
		if (i == ACCEPTS_AT_ONCE) { // the container may refuse them faster than they arrive
			rearm(r, listener);
			return;
		}
		fd = accept4(listener->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (fd >= 0)
			add_connection(r, fd, listener->inside);
	}
}

static void serve_event(struct relay *r, struct side *s)
{
	size_t before = r->count;

	if (!s->connection)
		accept_waiting(r, s);
	else
		serve_connection(r, s->connection);
	for (size_t i = 0; r->count < before && i < r->listener_count; i++)
		accept_waiting(r, &r->listeners[i]);
}

void relay_serve(struct relay *r)
{
	struct epoll_event event; // one at a time: serving it may free the sources of others

	for (int i = 0; r && i < EVENTS_AT_ONCE && epoll_wait(r->epoll, &event, 1, 0) == 1; i++)
		if (event.data.ptr)
			serve_event(r, event.data.ptr);
		else
			udp_relay_serve(r->udp);
}

// --- the relay ---

static void add_listeners(struct relay *r, const struct port_claims *claims)
{
	r->listeners = mem_array(claims->count + 1, sizeof(*r->listeners));
	for (size_t i = 0; i < claims->count; i++) {
		struct side *listener = &r->listeners[r->listener_count];
		if (claims->items[i].udp || !claims->items[i].relayed)
			continue;
		*listener = (struct side){.fd = claims->items[i].fd, .inside = claims->items[i].inside};
		r->listener_count++;
		want_events(r, listener, EPOLLIN | EPOLLET);
	}
}

static bool any_relayed(const struct port_claims *claims)
{
	for (size_t i = 0; i < claims->count; i++)
		if (claims->items[i].relayed)
			return true;
	return false;
}

static int add_udp(struct relay *r, const struct port_claims *claims, uint32_t to, struct err *e)
{
	const struct udp_relay_limits limits = {UDP_RELAY_MOST, UDP_RELAY_IDLE, r->any_address};
	int result = udp_relay_new(&r->udp, claims, to, limits, e);

	if (r->udp)
		epoll_ctl(r->epoll, EPOLL_CTL_ADD, udp_relay_fd(r->udp), &(struct epoll_event){.events = EPOLLIN});
	return result;
}

int relay_new(struct relay **relay, const struct port_claims *claims, uint32_t to, bool any_address, struct err *e)
{
	*relay = NULL;
	if (!any_relayed(claims))
		return 0;
	auto_close int epoll = epoll_create1(EPOLL_CLOEXEC);
	if (epoll < 0)
		return err_set(e, errno, "cannot relay connections to the published ports");
	*relay = mem_array(1, sizeof(**relay));
	**relay = (struct relay){.epoll = steal_fd(&epoll), .to = to, .any_address = any_address, .spare = {-1, -1},
	                         .most = relay_fd_most(RELAY_MOST, CONNECTION_FDS)};
	add_listeners(*relay, claims);
	int r = add_udp(*relay, claims, to, e);
	if (r < 0)
		relay_free(steal(*relay));
	return r;
}

void relay_lead(struct relay *r, uint32_t to)
{
	r->to = to;
	udp_relay_lead(r->udp, to);
}

void relay_free(struct relay *r)
{
	if (!r)
		return;
	while (r->connections)
		drop_connection(r, r->connections);
	close_pipe(r->spare);
	udp_relay_free(r->udp);
	close(r->epoll);
	free(r->listeners);
	free(r);
}

int relay_fd(const struct relay *r)
{
	return r ? r->epoll : -1;
}
