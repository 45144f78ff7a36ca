// A container's new name on its networks: see network.h.
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/mem.h"
#include "bridge.h"
#include "network.h"
#include "state.h"

static void rename_on(const struct networks *n, const char *network, const char *from, const char *to)
{
	auto_own_network o = {0};
	struct err ignored;

	if (own_network_read(n, network, &o, &ignored) == 0 && endpoint_rename(&o, from, to))
		own_network_publish_names(&o, &ignored);
}

int network_rename(const char *store, const char *from, const char *to, int (*move)(void *context, struct err *e),
                   void *context, struct err *e)
{
	auto_networks n = {.lock = -1, .containers = -1};
	auto_strv names = {0};
	struct err why;
	int r = networks_open(&n, store, NETWORKS_CHANGE, &why);

	if (r < 0 && r != -ENOENT) {
		*e = why;
		return r;
	}
	if (r == 0)
		networks_up(&n, &names);
	r = move(context, e);
	for (size_t i = 0; r == 0 && i < names.count; i++)
		rename_on(&n, names.items[i], from, to);
	return r;
}
