// IPv6 subnets and addresses: see address6.h.
#include "model/address6.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"

enum { PREFIX_LEAST = 8, PREFIX_MOST = 64 }; // the remaining bits must hold an IPv4 address

int address6_parse(const char *text, struct address6 *a)
{
	return inet_pton(AF_INET6, text, a->bytes) == 1 ? 0 : -EINVAL;
}

char *address6_text(const struct address6 *a)
{
	char text[INET6_ADDRSTRLEN];

	return mem_strdup(inet_ntop(AF_INET6, a->bytes, text, sizeof(text)));
}

bool address6_equal(const struct address6 *a, const struct address6 *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

bool address6_is_none(const struct address6 *a)
{
	return address6_equal(a, &(struct address6){0});
}

// A with all bits after the first PREFIX cleared.
static struct address6 base_of(const struct address6 *a, unsigned prefix)
{
	struct address6 base = *a;

	for (unsigned i = 0; i < sizeof(base.bytes); i++)
		if (8 * i + 8 > prefix)
			base.bytes[i] = 8 * i >= prefix ? 0 : (unsigned char)(base.bytes[i] & 0xff << (8 - prefix % 8));
	return base;
}

// The loopback and other addresses below ::/8, link-local ones, and multicast.
static bool is_special(const struct address6 *a)
{
	return a->bytes[0] == 0 || a->bytes[0] == 0xff || (a->bytes[0] == 0xfe && (a->bytes[1] & 0xc0) == 0x80);
}

static int check_base(const char *text, const struct subnet6 *s, struct err *e)
{
	const struct subnet6 whole = {base_of(&s->base, s->prefix), s->prefix};
	auto_free char *right = subnet6_text(&whole);

	if (!address6_equal(&whole.base, &s->base))
		return err_msg(e, EINVAL, "invalid IPv6 subnet '%s': host bits are set (did you mean %s?)", text, right);
	return is_special(&s->base) ? err_msg(e, EINVAL, "invalid IPv6 subnet '%s': its addresses are reserved", text) : 0;
}

int subnet6_parse(const char *text, struct subnet6 *s, struct err *e)
{
	const char *slash = strchr(text, '/');
	auto_free char *address = mem_strndup(text, slash ? (size_t)(slash - text) : 0);
	uint64_t prefix;

	if (!slash || address6_parse(address, &s->base) < 0 || str_to_u64(slash + 1, &prefix) < 0)
		return err_msg(e, EINVAL, "invalid IPv6 subnet '%s' (for example fd00:90::/64, or none)", text);
	if (prefix < PREFIX_LEAST || prefix > PREFIX_MOST)
		return err_msg(e, EINVAL, "invalid IPv6 subnet '%s': prefix length must be %d to %d", text, PREFIX_LEAST,
		               PREFIX_MOST);
	s->prefix = (unsigned)prefix;
	return check_base(text, s, e);
}

char *subnet6_text(const struct subnet6 *s)
{
	auto_free char *base = address6_text(&s->base);

	return mem_printf("%s/%u", base, s->prefix);
}

bool subnet6_overlaps(const struct subnet6 *a, const struct subnet6 *b)
{
	unsigned prefix = a->prefix < b->prefix ? a->prefix : b->prefix;
	struct address6 x = base_of(&a->base, prefix), y = base_of(&b->base, prefix);

	return a->prefix && b->prefix && address6_equal(&x, &y);
}

static void put(unsigned char *at, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		at[i] = (unsigned char)(value >> (24 - 8 * i));
}

struct subnet6 subnet6_of(const char *text)
{
	auto_free char *other = mem_printf("subnet %s", text);
	struct subnet6 s = {.prefix = 64};

	put(s.base.bytes, str_hash(text));
	put(s.base.bytes + 4, str_hash(other));
	s.base.bytes[0] = 0xfd;
	return s;
}

struct address6 subnet6_gateway(const struct subnet6 *s)
{
	struct address6 a = s->base;

	a.bytes[15] = 1;
	return a;
}

bool subnet6_has(const struct subnet6 *s, const struct address6 *a)
{
	struct address6 base = base_of(a, s->prefix), gateway = subnet6_gateway(s);

	return s->prefix && address6_equal(&base, &s->base) && !address6_equal(a, &gateway) && !address6_equal(a, &base);
}

struct address6 subnet6_address(const struct subnet6 *s, const struct subnet *v4, uint32_t address, uint32_t try)
{
	struct address6 a = s->base;

	put(a.bytes + 8, try);
	put(a.bytes + 12, address - v4->base);
	return a;
}
