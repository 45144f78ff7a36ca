// A container's new name on its networks: see network.h.
#include <errno.h>
#include <unistd.h>

#include "base/mem.h"
#include "container/network/bridge/server.h"
#include "container/network/record/state.h"
#include "endpoint.h"
#include "names.h"
#include "network.h"

// Calls DO with FROM and TO for each network that is up. Returns whether any returned true.
static bool each_network(const struct networks *n, const struct strv *names, const char *from, const char *to,
                         bool (*do_it)(const struct own_network *o, const char *from, const char *to))
{
	struct err ignored;
	bool any = false;

	for (size_t i = 0; i < names->count; i++) {
		auto_own_network o = {0};
		any |= own_network_read(n, names->items[i], &o, &ignored) == 0 && do_it(&o, from, to);
	}
	return any;
}

// What a process that was killed has left under the name: endpoint_add_name() would not replace it.
static void remove_dead(const struct networks *n, const struct strv *names, const char *container)
{
	for (size_t i = 0; i < names->count; i++) {
		auto_own_network o = {0};
		struct endpoint p = {0};
		if (own_network_read(n, names->items[i], &o, NULL) == 0 && endpoint_read(&o, container, &p, NULL) == 0 &&
		    !endpoint_is_alive(n, &p))
			endpoint_disconnect(n, &o, container);
		endpoint_done(&p);
	}
}

static bool remove_name(const struct own_network *o, const char *name, const char *kept)
{
	struct err ignored;

	(void)kept;
	return endpoint_remove(o, name) && own_network_publish_names(o, &ignored) == 0;
}

// Meanwhile there are endpoints under both names: if this process is killed, one of them belongs to the running
// container, and the other is removed like those of killed containers.
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
	remove_dead(&n, &names, to);
	bool any = each_network(&n, &names, from, to, endpoint_add_name);
	r = move(context, e);
	if (any) {
		each_network(&n, &names, r == 0 ? from : to, NULL, remove_name);
		names_update(&n, NULL, NULL);
	}
	return r;
}
