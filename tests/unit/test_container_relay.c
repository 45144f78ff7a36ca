// Relaying datagrams to published UDP ports, with real packets on the loopback interface.
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "container/network/publish/relay_udp.h"

#define PATIENCE 20000 // ms; only a failing test waits so long

struct setup {
	int container; // the service's socket
	struct ports ports;
	struct port_claims claims;
	struct udp_relay *relay;
};

static struct sockaddr_in ipv4(const char *address, uint16_t port)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port)};

	assert_int_equal(inet_pton(AF_INET, address, &a.sin_addr), 1);
	return a;
}

static uint16_t port_of(int fd)
{
	struct sockaddr_in a;

	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &(socklen_t){sizeof(a)}), 0);
	return ntohs(a.sin_port);
}

// A socket of a client, or of the service.
static int bound(void)
{
	const struct sockaddr_in a = ipv4("127.0.0.1", 0);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (const struct sockaddr *)&a, sizeof(a)), 0);
	return fd;
}

static void begin(struct setup *s, struct udp_relay_limits limits)
{
	struct port port = {.udp = true};
	struct err e = {0};

	*s = (struct setup){.container = bound()};
	port.inside = port_of(s->container);
	ports_add(&s->ports, &port);
	assert_int_equal(ports_claim(&s->ports, &s->claims, &e), 0);
	assert_int_equal(udp_relay_new(&s->relay, &s->claims, INADDR_LOOPBACK, limits, &e), 0);
	assert_non_null(s->relay);
}

static void end(struct setup *s)
{
	udp_relay_free(s->relay);
	port_claims_done(&s->claims);
	ports_done(&s->ports);
	close(s->container);
}

static bool is_readable(int fd, int timeout)
{
	struct pollfd p = {fd, POLLIN, 0};

	return poll(&p, 1, timeout) == 1;
}

// Serves until FD has something to read.
static void serve_until(struct udp_relay *r, int fd)
{
	struct pollfd p[] = {{fd, POLLIN, 0}, {udp_relay_fd(r), POLLIN, 0}};

	while (!is_readable(fd, 0)) {
		assert_true(poll(p, 2, PATIENCE) > 0);
		udp_relay_serve(r);
	}
}

static void send_text(const struct setup *s, int client, const char *address, const char *text)
{
	const struct sockaddr_in to = ipv4(address, s->ports.items[0].outside);

	assert_int_equal(sendto(client, text, strlen(text), 0, (const struct sockaddr *)&to, sizeof(to)), strlen(text));
}

static void receive_text(int fd, const char *text, struct sockaddr_in *from)
{
	char got[64];
	ssize_t n = recvfrom(fd, got, sizeof(got), 0, (struct sockaddr *)from, &(socklen_t){sizeof(*from)});

	assert_int_equal(n, strlen(text));
	assert_memory_equal(got, text, strlen(text));
}

// CLIENT asks at ADDRESS, and gets an answer from there. Returns the container's peer.
static struct sockaddr_in ask(struct setup *s, int client, const char *address)
{
	struct sockaddr_in peer, from;
	char source[INET_ADDRSTRLEN];

	send_text(s, client, address, "question");
	serve_until(s->relay, s->container);
	receive_text(s->container, "question", &peer);
	assert_int_equal(sendto(s->container, "answer", 6, 0, (const struct sockaddr *)&peer, sizeof(peer)), 6);
	serve_until(s->relay, client);
	receive_text(client, "answer", &from);
	assert_string_equal(inet_ntop(AF_INET, &from.sin_addr, source, sizeof(source)), address);
	assert_int_equal(ntohs(from.sin_port), s->ports.items[0].outside);
	return peer;
}

static const struct udp_relay_limits usual = {UDP_RELAY_MOST, UDP_RELAY_IDLE, false};

static void test_answers(void **state)
{
	struct setup s;
	int one = bound(), other = bound();

	(void)state;
	begin(&s, usual);
	struct sockaddr_in first = ask(&s, one, "127.0.0.1"), again = ask(&s, one, "127.0.0.1");
	assert_int_equal(first.sin_port, again.sin_port);
	assert_int_equal(udp_relay_sessions(s.relay), 1);
	ask(&s, one, "127.9.9.9"); // from another address, so another session
	ask(&s, other, "127.0.0.1");
	assert_int_equal(udp_relay_sessions(s.relay), 3);
	end(&s);
	close(one);
	close(other);
}

static void test_ipv6(void **state)
{
	struct sockaddr_in6 to = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT}, from;
	struct sockaddr_in peer;
	struct setup s;
	int client = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	char got[16];

	(void)state;
	if (client < 0 || bind(client, (struct sockaddr *)&to, sizeof(to)) < 0)
		skip(); // no IPv6
	begin(&s, usual);
	to.sin6_port = htons(s.ports.items[0].outside);
	assert_int_equal(sendto(client, "six", 3, 0, (struct sockaddr *)&to, sizeof(to)), 3);
	serve_until(s.relay, s.container);
	receive_text(s.container, "six", &peer);
	sendto(s.container, "6", 1, 0, (struct sockaddr *)&peer, sizeof(peer));
	serve_until(s.relay, client);
	assert_int_equal(recvfrom(client, got, sizeof(got), 0, (struct sockaddr *)&from, &(socklen_t){sizeof(from)}), 1);
	assert_memory_equal(&from, &to, sizeof(to));
	end(&s);
	close(client);
}

static void test_most_sessions(void **state)
{
	struct setup s;
	int clients[10];

	(void)state;
	begin(&s, (struct udp_relay_limits){4, UDP_RELAY_IDLE, false});
	struct sockaddr_in first = {0};
	for (int i = 0; i < 10; i++) {
		clients[i] = bound();
		struct sockaddr_in peer = ask(&s, clients[i], "127.0.0.1");
		first = i ? first : peer;
		if (i < 7)
			assert_int_equal(ask(&s, clients[0], "127.0.0.1").sin_port, first.sin_port); // in use, so kept
	}
	assert_int_equal(udp_relay_sessions(s.relay), 4);
	end(&s);
	for (int i = 0; i < 10; i++)
		close(clients[i]);
}

static void test_idle(void **state)
{
	struct setup s;
	int client = bound();

	(void)state;
	begin(&s, (struct udp_relay_limits){4, 20 * MS, false});
	ask(&s, client, "127.0.0.1");
	while (udp_relay_sessions(s.relay)) {
		assert_true(is_readable(udp_relay_fd(s.relay), PATIENCE));
		udp_relay_serve(s.relay);
	}
	ask(&s, client, "127.0.0.1");
	end(&s);
	close(client);
}

// The error of a closed port is not passed on, and the next datagram is not lost.
static void test_closed_port(void **state)
{
	struct setup s;
	int client = bound(), service;

	(void)state;
	begin(&s, usual);
	const struct sockaddr_in at = ipv4("127.0.0.1", port_of(s.container));
	close(s.container);
	send_text(&s, client, "127.0.0.1", "lost");
	while (!udp_relay_sessions(s.relay)) {
		assert_true(is_readable(udp_relay_fd(s.relay), PATIENCE));
		udp_relay_serve(s.relay);
	}
	service = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(service, (const struct sockaddr *)&at, sizeof(at)), 0);
	s.container = service;
	ask(&s, client, "127.0.0.1");
	end(&s);
	close(client);
}

static void test_bounded_work(void **state)
{
	struct sockaddr_in from;
	struct setup s;
	int client = bound(), served = 0;

	(void)state;
	begin(&s, usual);
	for (int i = 0; i < 50; i++)
		send_text(&s, client, "127.0.0.1", "x");
	udp_relay_serve(s.relay);
	for (; is_readable(s.container, 0); served++)
		receive_text(s.container, "x", &from);
	assert_in_range(served, 1, 8);
	assert_true(is_readable(udp_relay_fd(s.relay), 0)); // there is more
	end(&s);
	close(client);
}

// A child that the monitor forks has copies of all sockets.
static void test_forked_child(void **state)
{
	struct setup s;
	int client = bound(), hold[2];
	char byte;

	(void)state;
	begin(&s, usual);
	struct sockaddr_in peer = ask(&s, client, "127.0.0.1");
	assert_int_equal(pipe(hold), 0);
	pid_t child = fork();
	if (child == 0) {
		close(hold[1]);
		_exit((int)read(hold[0], &byte, 1));
	}
	udp_relay_lead(s.relay, INADDR_LOOPBACK + 1);
	assert_int_equal(udp_relay_sessions(s.relay), 0);
	sendto(s.container, "late", 4, 0, (struct sockaddr *)&peer, sizeof(peer));
	assert_false(is_readable(udp_relay_fd(s.relay), 0));
	close(hold[0]);
	close(hold[1]);
	waitpid(child, NULL, 0);
	end(&s);
	close(client);
}

// Sessions leave descriptors below a low soft limit free for the monitor.
static void test_descriptors(void **state)
{
	struct rlimit before, now;
	struct setup s;
	int client = bound();

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	const struct rlimit low = {64, before.rlim_max};
	if (before.rlim_max < 64 + 8)
		skip();
	begin(&s, (struct udp_relay_limits){8, UDP_RELAY_IDLE, false});
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
	int next = dup(client);
	close(next);
	ask(&s, client, "127.0.0.1");
	int after = dup(client);
	close(after);
	getrlimit(RLIMIT_NOFILE, &now);
	setrlimit(RLIMIT_NOFILE, &before);
	assert_int_equal(after, next);
	assert_int_equal(now.rlim_cur, 64);
	end(&s);
	close(client);
}

static void test_no_socket(void **state)
{
	struct ports ports = {0};
	struct port_claims claims = {0};
	struct udp_relay *r;
	struct err e = {0};

	(void)state;
	ports_add(&ports, &(struct port){.inside = 80});
	assert_int_equal(ports_claim(&ports, &claims, &e), 0);
	assert_int_equal(udp_relay_new(&r, &claims, INADDR_LOOPBACK, usual, &e), 0);
	assert_null(r);
	assert_int_equal(udp_relay_fd(r), -1);
	port_claims_done(&claims);
	ports_done(&ports);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers),      cmocka_unit_test(test_ipv6),         cmocka_unit_test(test_most_sessions),
		cmocka_unit_test(test_idle),         cmocka_unit_test(test_closed_port),  cmocka_unit_test(test_bounded_work),
		cmocka_unit_test(test_forked_child), cmocka_unit_test(test_descriptors),  cmocka_unit_test(test_no_socket),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
