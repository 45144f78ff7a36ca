// Published ports: see model/ports.h.
#include "model/ports.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"

struct range {
	uint64_t first, last;
};

void ports_done(struct ports *p)
{
	free(p->items);
	*p = (struct ports){0};
}

void ports_add(struct ports *p, const struct port *port)
{
	p->items = mem_resize(p->items, p->count + 1, sizeof(*p->items));
	p->items[p->count++] = *port;
}

static int range_parse(const char *text, struct range *r)
{
	auto_free char *copy = mem_strdup(text);
	char *dash = strchr(copy, '-');

	if (dash)
		*dash = '\0';
	if (str_to_u64(copy, &r->first) < 0 || str_to_u64(dash ? dash + 1 : copy, &r->last) < 0)
		return -EINVAL;
	return r->first >= 1 && r->first <= r->last && r->last <= UINT16_MAX ? 0 : -EINVAL;
}

// Cuts "/tcp" or "/udp" off TEXT.
static int protocol_parse(char *text, bool *udp)
{
	char *slash = strchr(text, '/');

	*udp = slash && str_equal(slash, "/udp");
	if (slash && !*udp && !str_equal(slash, "/tcp"))
		return -EINVAL;
	if (slash)
		*slash = '\0';
	return 0;
}

// Reads ADDRESS, which is "192.0.2.1" or "[2001:db8::1]".
static int host_parse(char *address, struct port *port)
{
	size_t n = strlen(address);
	bool brackets = address[0] == '[' && address[n - 1] == ']';
	struct in_addr ipv4 = {0};

	address[n - brackets] = '\0';
	port->family = brackets ? PORT_IPV6 : PORT_IPV4;
	if (brackets)
		return inet_pton(AF_INET6, address + 1, port->address6) == 1 ? 0 : -EINVAL;
	if (inet_pton(AF_INET, address, &ipv4) != 1)
		return -EINVAL;
	port->address = ntohl(ipv4.s_addr);
	return 0;
}

// Cuts the address and its colon off *TEXT, if there is one.
static int cut_host(char **text, struct port *port)
{
	char *last = strrchr(*text, ':'), *colon = last ? memrchr(*text, ':', (size_t)(last - *text)) : NULL;

	if (!colon)
		return 0;
	*colon = '\0';
	auto_free char *host = mem_strdup(*text);
	*text = colon + 1;
	return *host ? host_parse(host, port) : -EINVAL;
}

// Reads [[OUTSIDE]:]INSIDE. Without OUTSIDE, its ports are 0.
static int ranges_parse(char *text, struct range *outside, struct range *inside)
{
	char *colon = strchr(text, ':');

	*outside = (struct range){0};
	if (colon)
		*colon = '\0';
	if (range_parse(colon ? colon + 1 : text, inside) < 0 || (colon && *text && range_parse(text, outside) < 0))
		return -EINVAL;
	return !outside->first || outside->last - outside->first == inside->last - inside->first ? 0 : -EINVAL;
}

int ports_parse(struct ports *p, const char *text, struct err *e)
{
	auto_free char *copy = mem_strdup(text);
	char *rest = copy;
	struct range outside, inside;
	struct port port = {0};

	if (protocol_parse(copy, &port.udp) < 0 || cut_host(&rest, &port) < 0 ||
	    ranges_parse(rest, &outside, &inside) < 0)
		return err_msg(e, EINVAL,
		               "invalid port '%s' (for example 8080:80, 192.0.2.1:8080:80, [::1]:8080:80, "
		               "5000-5009:5000-5009/udp or 80)", text);
	for (uint64_t i = 0; i <= inside.last - inside.first; i++) {
		port.outside = (uint16_t)(outside.first ? outside.first + i : 0);
		port.inside = (uint16_t)(inside.first + i);
		ports_add(p, &port);
	}
	return 0;
}

// Marks the ports inside that P publishes.
static void mark_published(const struct ports *p, bool udp, bool published[UINT16_MAX + 1])
{
	for (size_t i = 0; i < p->count; i++)
		if (p->items[i].udp == udp)
			published[p->items[i].inside] = true;
}

int ports_expose(struct ports *p, const char *text, struct err *e)
{
	auto_free char *copy = mem_strdup(text);
	struct range inside;
	struct port port = {0};

	if (protocol_parse(copy, &port.udp) < 0 || range_parse(copy, &inside) < 0)
		return err_msg(e, EINVAL, "the image exposes port '%s', which cannot be published", text);
	auto_free bool *published = mem_array(UINT16_MAX + 1, sizeof(*published)); // an image may expose all, many times
	mark_published(p, port.udp, published);
	for (uint64_t i = inside.first; i <= inside.last; i++) {
		port.inside = (uint16_t)i;
		if (!published[i])
			ports_add(p, &port);
	}
	return 0;
}

char *port_address(const struct port *p)
{
	char text[INET6_ADDRSTRLEN];
	struct in_addr ipv4 = {htonl(p->address)};

	if (p->family == PORT_IPV6)
		return mem_strdup(inet_ntop(AF_INET6, p->address6, text, sizeof(text)));
	if (p->family == PORT_BOTH && !p->address)
		return NULL;
	return mem_strdup(inet_ntop(AF_INET, &ipv4, text, sizeof(text)));
}

// "192.0.2.1:", "[::1]:", or nothing. Owned.
static char *host_text(const struct port *p)
{
	auto_free char *address = port_address(p);

	return !address ? mem_strdup("") : mem_printf(p->family == PORT_IPV6 ? "[%s]:" : "%s:", address);
}

// "80", or "80-83" for COUNT = 4. Owned.
static char *range_text(unsigned first, size_t count)
{
	return count > 1 ? mem_printf("%u-%zu", first, first + count - 1) : mem_printf("%u", first);
}

// "8080:"; for a port to be chosen, ":" after an address, otherwise nothing. Owned.
static char *outside_text(const struct port *p, size_t count, const char *host)
{
	auto_free char *range = p->outside ? range_text(p->outside, count) : NULL;

	return range ? mem_printf("%s:", range) : mem_strdup(*host ? ":" : "");
}

static char *range_of_ports(const struct port *p, size_t count)
{
	auto_free char *host = host_text(p), *outside = outside_text(p, count, host),
	               *inside = range_text(p->inside, count);

	return mem_printf("%s%s%s%s", host, outside, inside, p->udp ? "/udp" : "");
}

char *port_text(const struct port *p)
{
	return range_of_ports(p, 1);
}

static bool follows(const struct port *next, const struct port *p)
{
	return next->family == p->family && next->udp == p->udp && next->address == p->address &&
	       memcmp(next->address6, p->address6, sizeof(p->address6)) == 0 && next->outside == p->outside + 1 &&
	       next->inside == p->inside + 1;
}

size_t ports_range(const struct ports *p, size_t first)
{
	size_t count = 1;

	while (first + count < p->count && follows(&p->items[first + count], &p->items[first + count - 1]))
		count++;
	return count;
}

void ports_texts(const struct ports *p, struct strv *texts)
{
	for (size_t i = 0, count; i < p->count; i += count) {
		count = ports_range(p, i);
		strv_take(texts, range_of_ports(&p->items[i], count));
	}
}

bool port_is_of_all(const struct port *p)
{
	static const unsigned char any[sizeof(p->address6)];

	return !p->address && memcmp(p->address6, any, sizeof(any)) == 0;
}

static bool addresses_meet(const struct port *a, const struct port *b)
{
	if (a->family != b->family && a->family != PORT_BOTH && b->family != PORT_BOTH)
		return false;
	return port_is_of_all(a) || port_is_of_all(b) ||
	       (a->address == b->address && memcmp(a->address6, b->address6, sizeof(a->address6)) == 0);
}

bool port_conflicts(const struct port *a, const struct port *b)
{
	return a->outside && a->outside == b->outside && a->udp == b->udp && addresses_meet(a, b);
}

// The one of the first COUNT ports of P that conflicts with PORT; NULL if there is none.
static const struct port *find_conflict(const struct ports *p, size_t count, const struct port *port)
{
	for (size_t i = 0; i < count; i++)
		if (port_conflicts(&p->items[i], port))
			return &p->items[i];
	return NULL;
}

int ports_check(const struct ports *p, struct err *e)
{
	auto_free bool *seen = mem_array(2 * (UINT16_MAX + 1), sizeof(*seen)); // only equal numbers are compared

	for (size_t i = 0; i < p->count; i++) {
		const struct port *port = &p->items[i];
		bool *one = &seen[2 * port->outside + port->udp];
		const struct port *other = *one ? find_conflict(p, i, port) : NULL;
		auto_free char *text = other ? port_text(port) : NULL, *first = other ? port_text(other) : NULL;
		if (other)
			return err_msg(e, EINVAL, "port %s conflicts with %s", text, first);
		*one = true;
	}
	return 0;
}
