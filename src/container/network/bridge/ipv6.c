// IPv6 of this host: see ipv6.h.
#include "ipv6.h"

#include <fcntl.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "sys/fs.h"
#include "sys/proc.h"

enum { ROUTES_MAX = 16 << 20, ROUTE_UP = 0x1, ROUTE_ADVERTISED = 0x40000 }; // flags: linux/ipv6_route.h

static const char settings[] = "/proc/sys/net/ipv6/conf";

// Whether the file contains '1'.
static bool is_on(const char *path)
{
	char text[8];

	return proc_read_file(path, text, sizeof(text)) > 0 && text[0] == '1';
}

bool ipv6_is_available(void)
{
	auto_free char *off = mem_printf("%s/all/disable_ipv6", settings);

	return access("/proc/net/if_inet6", F_OK) == 0 && !is_on(off);
}

struct subnet6 ipv6_subnet(const char *store, const char *name)
{
	char machine[64] = "";

	proc_read_file("/etc/machine-id", machine, sizeof(machine));
	machine[strcspn(machine, "\n")] = '\0';
	auto_free char *whole = mem_printf("%s %s %s", machine, store, name);
	return subnet6_of(whole);
}

// The prefix length of the mask at BYTES.
static unsigned length_of(const unsigned char bytes[16])
{
	unsigned n = 0;

	for (int i = 0; i < 16; i++)
		n += (unsigned)__builtin_popcount(bytes[i]);
	return n;
}

bool ipv6_is_taken(const struct subnet6 *s)
{
	struct ifaddrs *all = NULL;
	bool taken = false;

	if (getifaddrs(&all) < 0)
		return false;
	for (const struct ifaddrs *a = all; a; a = a->ifa_next) {
		if (!a->ifa_addr || a->ifa_addr->sa_family != AF_INET6 || !a->ifa_netmask)
			continue;
		struct subnet6 other = {.prefix = length_of(
			((const struct sockaddr_in6 *)(const void *)a->ifa_netmask)->sin6_addr.s6_addr)};
		memcpy(other.base.bytes, ((const struct sockaddr_in6 *)(const void *)a->ifa_addr)->sin6_addr.s6_addr, 16);
		taken |= subnet6_overlaps(s, &other);
	}
	freeifaddrs(all);
	return taken;
}

void ipv6_prepare(const char *interface)
{
	static const char *const off[] = {"disable_ipv6", "accept_ra", "accept_dad"};

	for (size_t i = 0; i < ARRAY_SIZE(off); i++) {
		auto_free char *path = mem_printf("%s/%s/%s", settings, interface, off[i]);
		fs_write_text(AT_FDCWD, path, "0");
	}
}

// One line of /proc/net/ipv6_route. Returns whether it is a default route of an interface, with its FLAGS.
static bool is_default_route(const char *line, unsigned *flags)
{
	char to[33], interface[32];
	unsigned prefix;

	return sscanf(line, "%32s %x %*s %*x %*s %*x %*x %*x %x %31s", to, &prefix, flags, interface) == 4 &&
	       prefix == 0 && strspn(to, "0") == 32 && *flags & ROUTE_UP && !str_equal(interface, "lo");
}

bool ipv6_may_forward(void)
{
	auto_free char *text = NULL;
	bool found = false, advertised = false;
	unsigned flags;

	if (fs_read_file(AT_FDCWD, "/proc/net/ipv6_route", ROUTES_MAX, &text, NULL) < 0)
		return false;
	for (const char *line = text; line && *line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL)
		if (is_default_route(line, &flags)) {
			found = true;
			advertised |= (flags & ROUTE_ADVERTISED) != 0;
		}
	return found && !advertised;
}

bool ipv6_forwards(void)
{
	auto_free char *path = mem_printf("%s/all/forwarding", settings);

	return is_on(path);
}
