// Subnets and addresses: see address.h.
#include "model/address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "model/param.h"

enum { PREFIX_LEAST = 8, PREFIX_MOST = 29, OWN_BASE = 10 << 24 | 87 << 16, OWN_COUNT = 256 };

int address_parse(const char *text, uint32_t *address)
{
	struct in_addr in;

	if (inet_pton(AF_INET, text, &in) != 1)
		return -EINVAL;
	*address = ntohl(in.s_addr);
	return 0;
}

char *address_text(uint32_t address)
{
	return mem_printf("%u.%u.%u.%u", address >> 24, address >> 16 & 255, address >> 8 & 255, address & 255);
}

int mac_parse(const char *text, unsigned char mac[MAC_SIZE])
{
	int end = 0;

	if (sscanf(text, "%2hhx:%2hhx:%2hhx:%2hhx:%2hhx:%2hhx%n", &mac[0], &mac[1], &mac[2], &mac[3], &mac[4], &mac[5],
	           &end) != MAC_SIZE || text[end] || end != 3 * MAC_SIZE - 1)
		return -EINVAL;
	return mac[0] & 1 ? -EINVAL : 0;
}

char *mac_text(const unsigned char mac[MAC_SIZE])
{
	return mem_printf("%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
}

void mac_of_address(uint32_t address, unsigned char mac[MAC_SIZE])
{
	mac[0] = 2; // locally administered
	mac[1] = 'h';
	for (int i = 0; i < 4; i++)
		mac[2 + i] = (unsigned char)(address >> (24 - 8 * i));
}

uint32_t subnet_mask(const struct subnet *s)
{
	return s->prefix ? UINT32_MAX << (32 - s->prefix) : 0; // all 32 bits: an interface with an address of its own
}

// Addresses that containers cannot have: RFC 6890, multicast, and those reserved for future use.
static bool is_special(const struct subnet *s)
{
	static const struct subnet special[] = {{0, 8}, {127u << 24, 8}, {169u << 24 | 254 << 16, 16}, {224u << 24, 3}};

	for (size_t i = 0; i < ARRAY_SIZE(special); i++)
		if (subnet_overlaps(s, &special[i]))
			return true;
	return false;
}

static int check_base(const char *text, const struct subnet *s, struct err *e)
{
	const struct subnet whole = {s->base & subnet_mask(s), s->prefix};
	auto_free char *right = subnet_text(&whole);

	if (whole.base != s->base)
		return err_msg(e, EINVAL, "invalid subnet '%s': host bits are set (did you mean %s?)", text, right);
	return is_special(s) ? err_msg(e, EINVAL, "invalid subnet '%s': its addresses are reserved", text) : 0;
}

int subnet_parse(const char *text, struct subnet *s, struct err *e)
{
	const char *slash = strchr(text, '/');
	auto_free char *address = mem_strndup(text, slash ? (size_t)(slash - text) : 0);
	uint64_t prefix;

	if (strchr(text, ':'))
		return err_msg(e, EINVAL, "invalid subnet '%s' (use " PARAM_SUBNET6 " for an IPv6 subnet)", text);
	if (!slash || address_parse(address, &s->base) < 0 || str_to_u64(slash + 1, &prefix) < 0)
		return err_msg(e, EINVAL, "invalid subnet '%s' (for example 10.90.0.0/24)", text);
	if (prefix < PREFIX_LEAST || prefix > PREFIX_MOST)
		return err_msg(e, EINVAL, "invalid subnet '%s': prefix length must be %d to %d", text, PREFIX_LEAST,
		               PREFIX_MOST);
	s->prefix = (unsigned)prefix;
	return check_base(text, s, e);
}

char *subnet_text(const struct subnet *s)
{
	auto_free char *base = address_text(s->base);

	return mem_printf("%s/%u", base, s->prefix);
}

bool subnet_overlaps(const struct subnet *a, const struct subnet *b)
{
	uint32_t mask = subnet_mask(a) & subnet_mask(b);

	return (a->base & mask) == (b->base & mask);
}

uint32_t subnet_gateway(const struct subnet *s)
{
	return s->base + 1;
}

static uint32_t broadcast_of(const struct subnet *s)
{
	return s->base | ~subnet_mask(s);
}

bool subnet_has(const struct subnet *s, uint32_t address)
{
	return (address & subnet_mask(s)) == s->base && address > subnet_gateway(s) && address < broadcast_of(s);
}

static uint32_t half_of(const struct subnet *s)
{
	return s->base + (~subnet_mask(s) >> 1) + 1;
}

void subnet_dhcp_range(const struct subnet *s, uint32_t *first, uint32_t *last)
{
	*first = half_of(s);
	*last = broadcast_of(s) - 1;
}

static bool is_used(uint32_t address, const uint32_t *used, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (used[i] == address)
			return true;
	return false;
}

uint32_t subnet_choose_address(const struct subnet *s, uint32_t key, const uint32_t *used, size_t count)
{
	uint32_t first = subnet_gateway(s) + 1, room = half_of(s) - first;

	for (uint32_t i = 0; i < room; i++) {
		uint32_t address = first + (key % room + i) % room;
		if (!is_used(address, used, count))
			return address;
	}
	return 0;
}

bool subnet_choose(struct subnet *s, const struct subnet *taken, size_t count)
{
	for (uint32_t n = 0; n < OWN_COUNT; n++) {
		bool free = true;

		*s = (struct subnet){OWN_BASE + (n << 8), 24};
		for (size_t i = 0; i < count; i++)
			free &= !subnet_overlaps(s, &taken[i]);
		if (free)
			return true;
	}
	return false;
}
