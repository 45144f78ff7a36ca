// Choosing an IPv6 address on one of libvirt's networks: see reservation6.h.
#include "reservation6.h"

#include <errno.h>

#include "base/mem.h"
#include "model/address6.h"

bool reservation6_equal(const char *a, const char *b)
{
	struct address6 x, y;

	return b && address6_parse(a, &x) == 0 && address6_parse(b, &y) == 0 && address6_equal(&x, &y);
}

static bool is_used(const struct strv *used, const struct address6 *a)
{
	struct address6 other;

	for (size_t i = 0; i < used->count; i++)
		if (address6_parse(used->items[i], &other) == 0 && address6_equal(&other, a))
			return true;
	return false;
}

static int check_wish(const struct choice6 *c, const struct subnet6 *s, struct address6 *a, struct err *e)
{
	if (address6_parse(c->wish, a) < 0 || !subnet6_has(s, a))
		return err_msg(e, EINVAL, "address %s is not in the IPv6 subnet of libvirt's network '%s', or is the host's",
		               c->wish, c->network);
	return is_used(c->used, a)
	           ? err_msg(e, EADDRINUSE, "address %s is in use on libvirt's network '%s' (virsh net-dumpxml %s)",
	                     c->wish, c->network, c->network)
	           : 0;
}

int reservation6_choose(const struct choice6 *c, char **address, struct err *e)
{
	struct subnet6 s = {0};
	struct address6 a;
	bool has = c->subnet6 && subnet6_parse(c->subnet6, &s, NULL) == 0;
	int r = 0;

	*address = NULL;
	s.prefix = has ? s.prefix : 0;
	if (c->wish)
		r = check_wish(c, &s, &a, e);
	for (uint32_t i = 0; !c->wish && has; i++) {
		a = subnet6_address(&s, c->subnet, c->address, i);
		if (!is_used(c->used, &a))
			break;
	}
	if (r == 0 && (c->wish || has))
		*address = address6_text(&a);
	return r;
}
