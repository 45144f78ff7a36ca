// Published ports: see ports.h.
#include "ports.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "address.h"
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

int ports_parse(struct ports *p, const char *text, struct err *e)
{
	auto_free char *copy = mem_strdup(text);
	auto_strv parts = {0};
	struct range outside, inside;
	struct port port = {0};
	int r = protocol_parse(copy, &port.udp);

	strv_split(&parts, copy, ":");
	size_t n = parts.count;
	if (r == 0 && (n < 2 || n > 3 || range_parse(parts.items[n - 2], &outside) < 0 ||
	               range_parse(parts.items[n - 1], &inside) < 0 ||
	               outside.last - outside.first != inside.last - inside.first ||
	               (n == 3 && address_parse(parts.items[0], &port.address) < 0)))
		r = -EINVAL;
	if (r < 0)
		return err_msg(e, EINVAL,
		               "invalid port '%s' (for example 8080:80, 192.0.2.1:8080:80 or 5000-5009:5000-5009/udp)", text);
	for (uint64_t i = 0; i <= outside.last - outside.first; i++) {
		port.outside = (uint16_t)(outside.first + i);
		port.inside = (uint16_t)(inside.first + i);
		ports_add(p, &port);
	}
	return 0;
}

char *port_text(const struct port *p)
{
	auto_free char *address = p->address ? address_text(p->address) : NULL;

	return mem_printf("%s%s%u:%u%s", address ? address : "", address ? ":" : "", p->outside, p->inside,
	                  p->udp ? "/udp" : "");
}

bool port_conflicts(const struct port *a, const struct port *b)
{
	return a->outside == b->outside && a->udp == b->udp && (!a->address || !b->address || a->address == b->address);
}
