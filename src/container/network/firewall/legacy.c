// Tables of iptables-legacy: see legacy.h.
#include "legacy.h"

#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "sys/proc.h"

enum { NAMES_MAX = 256, ENTRIES_MAX = 64 << 20 };
#define FNV_BASIS UINT64_C(0xcbf29ce484222325)
#define FNV_PRIME UINT64_C(0x100000001b3)

// How the kernel's interfaces of the two families differ (ip_tables.h, ip6_tables.h). Both begin an answer with the
// name of the table, which is also the request.
static const struct family {
	const char *names;
	int domain, level, get_info, get_entries;
	size_t entry, next, counters, elements; // the size of an entry, and the offsets in it
} families[] = {
	{"/proc/net/ip_tables_names", AF_INET, IPPROTO_IP, IPT_SO_GET_INFO, IPT_SO_GET_ENTRIES,
     sizeof(struct ipt_entry), offsetof(struct ipt_entry, next_offset), offsetof(struct ipt_entry, comefrom),
     offsetof(struct ipt_entry, elems)},
	{"/proc/net/ip6_tables_names", AF_INET6, IPPROTO_IPV6, IP6T_SO_GET_INFO, IP6T_SO_GET_ENTRIES,
     sizeof(struct ip6t_entry), offsetof(struct ip6t_entry, next_offset), offsetof(struct ip6t_entry, comefrom),
     offsetof(struct ip6t_entry, elems)},
};
_Static_assert(sizeof(struct ipt_getinfo) == sizeof(struct ip6t_getinfo) &&
               sizeof(struct ipt_get_entries) == sizeof(struct ip6t_get_entries), "only entries differ");

static void read_names(const struct family *f, struct strv *names)
{
	char text[NAMES_MAX];

	if (proc_read_file(f->names, text, sizeof(text)) > 0)
		strv_split(names, text, "\n");
}

bool legacy_has_table(bool ipv6, const char *name)
{
	auto_strv names = {0};
	bool found = false;

	read_names(&families[ipv6], &names);
	for (size_t i = 0; i < names.count; i++)
		found |= *names.items[i] && (!name || str_equal(names.items[i], name));
	return found;
}

static uint64_t add_bytes(uint64_t hash, const void *bytes, size_t n)
{
	for (const unsigned char *b = bytes, *end = b + n; b < end; b++)
		hash = (hash ^ *b) * FNV_PRIME;
	return hash;
}

// Adds SIZE bytes of entries without their counters.
static uint64_t add_entries(uint64_t hash, const struct family *f, const char *bytes, size_t size)
{
	uint16_t next;

	for (size_t at = 0; at + f->entry <= size; at += next) {
		memcpy(&next, bytes + at + f->next, sizeof(next));
		if (next < f->entry || next > size - at)
			break;
		hash = add_bytes(hash, bytes + at, f->counters);
		hash = add_bytes(hash, bytes + at + f->elements, next - f->elements);
	}
	return hash;
}

// If the table changes between the two calls, the second one fails, and the hash differs from that of a whole table.
static uint64_t add_table(uint64_t hash, const struct family *f, int fd, const char *name)
{
	struct ipt_getinfo info = {0};
	socklen_t length = sizeof(info);

	snprintf(info.name, sizeof(info.name), "%s", name);
	if (getsockopt(fd, f->level, f->get_info, &info, &length) < 0 || info.size > ENTRIES_MAX)
		return hash;
	length = (socklen_t)(sizeof(struct ipt_get_entries) + info.size);
	auto_free struct ipt_get_entries *all = mem_array(1, length);
	snprintf(all->name, sizeof(all->name), "%s", name);
	all->size = info.size;
	hash = add_bytes(hash, name, strlen(name) + 1);
	return getsockopt(fd, f->level, f->get_entries, all, &length) < 0
	           ? hash
	           : add_entries(hash, f, (const char *)all + sizeof(*all), info.size);
}

uint64_t legacy_hash(void)
{
	uint64_t hash = 0;

	for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
		auto_strv names = {0};
		read_names(&families[i], &names);
		auto_close int fd = names.count ? socket(families[i].domain, SOCK_DGRAM | SOCK_CLOEXEC, 0) : -1;
		for (size_t k = 0; fd >= 0 && k < names.count; k++)
			hash = *names.items[k] ? add_table(hash ? hash : FNV_BASIS, &families[i], fd, names.items[k]) : hash;
	}
	return hash;
}
