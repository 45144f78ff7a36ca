// Subnets that are in use: see subnets.h.
#include "subnets.h"

#include <errno.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "container/network/helper/helper.h"

static void add_subnet(struct subnet **list, size_t *count, struct subnet subnet)
{
	*list = mem_resize(*list, *count + 1, sizeof(**list));
	(*list)[(*count)++] = subnet;
}

// The helper's, which connects an ordinary user's networks to the outside.
static struct subnet subnet_of_helper(void)
{
	uint32_t address = 0;

	address_parse(HELPER_ADDRESS, &address);
	return (struct subnet){address & ~UINT32_C(0xff), 24};
}

// The subnets of this host's interfaces.
size_t own_network_taken_subnets(struct subnet **list)
{
	struct ifaddrs *all = NULL;
	size_t count = 0;

	*list = NULL;
	if (geteuid() != 0)
		add_subnet(list, &count, subnet_of_helper());
	if (getifaddrs(&all) < 0)
		return count;
	for (const struct ifaddrs *a = all; a; a = a->ifa_next) {
		if (!a->ifa_addr || a->ifa_addr->sa_family != AF_INET || !a->ifa_netmask)
			continue;
		uint32_t mask = ntohl(((const struct sockaddr_in *)(const void *)a->ifa_netmask)->sin_addr.s_addr),
		         address = ntohl(((const struct sockaddr_in *)(const void *)a->ifa_addr)->sin_addr.s_addr);
		add_subnet(list, &count, (struct subnet){address & mask, (unsigned)__builtin_popcount(mask)});
	}
	freeifaddrs(all);
	return count;
}

int own_network_check_subnet(const struct own_network *o, const struct subnet *taken, size_t count, struct err *e)
{
	for (size_t i = 0; i < count; i++)
		if (subnet_overlaps(&o->subnet, &taken[i])) {
			auto_free char *own = subnet_text(&o->subnet), *other = subnet_text(&taken[i]);
			return err_msg(e, EADDRINUSE, "network '%s': its subnet %s overlaps %s of this host", o->name, own, other);
		}
	return 0;
}

static void add_defined(const struct networks *n, struct subnet **list, size_t *count)
{
	auto_strv names = {0};

	own_network_definitions(n->store, &names);
	for (size_t i = 0; i < names.count; i++) {
		auto_own_network other = {0};
		if (own_network_read_definition(n, names.items[i], &other, NULL) < 0)
			continue;
		add_subnet(list, count, other.subnet);
	}
}

// An ordinary user's subnets are on no interface of this host.
static void add_up(const struct networks *n, struct subnet **list, size_t *count)
{
	auto_strv names = {0};

	networks_up(n, &names);
	for (size_t i = 0; i < names.count; i++) {
		auto_own_network other = {0};
		if (own_network_read(n, names.items[i], &other, NULL) == 0)
			add_subnet(list, count, other.subnet);
	}
}

int own_network_choose_subnet(const struct networks *n, struct own_network *o, struct err *e)
{
	struct subnet *taken = NULL;
	size_t count = own_network_taken_subnets(&taken);

	add_defined(n, &taken, &count);
	add_up(n, &taken, &count);
	bool found = subnet_choose(&o->subnet, taken, count);
	free(taken);
	return found ? 0 : err_msg(e, EADDRINUSE, "network '%s': all of 10.87.0.0/16 is in use", o->name);
}
