// The networks of containers as ids: see network_uses.h.
#include "network_uses.h"

#include "base/mem.h"
#include "container/network/libvirt/libvirt_files.h"
#include "container/network/libvirt/shared.h"
#include "container/network/record/attachment.h"
#include "container/network/record/choice.h"
#include "container/network/record/state.h"
#include "model/id.h"
#include "model/param.h"
#include "networks.h"

void network_ids_done(struct network_ids *ids)
{
	params_done(&ids->known);
}

// Owned, NULL: none.
static char *shared_id(const char *name)
{
	auto_free char *uuid = shared_network_uuid(name);

	return uuid ? id_make("libvirt", KIND_NETWORK, uuid) : NULL;
}

static char *find_id(struct containers *c, const char *name)
{
	auto_networks n = {.lock = -1, .containers = -1};
	struct err ignored;

	if (networks_open(&n, c->store.path, NETWORKS_READ, &ignored) < 0)
		return NULL;
	if (network_is_shared(&n, name))
		return shared_id(name);
	return network_is_listed(&n, name) ? id_make("bunk", KIND_NETWORK, name) : NULL;
}

static const char *id_of(struct network_ids *ids, struct containers *c, const char *name)
{
	const char *known = params_get(&ids->known, name);

	if (known)
		return known;
	auto_free char *id = find_id(c, name);
	params_add(&ids->known, name, id ? id : "");
	return params_get(&ids->known, name);
}

void network_use_add(struct network_ids *ids, struct containers *c, const char *name, struct strv *references)
{
	const char *id = id_of(ids, c, name);

	if (*id)
		strv_add(references, id);
}

// Adds the shared network: another container's, the host's, or the namespace at a path.
static void add_shared(const struct record *r, struct strv *names)
{
	const char *value = params_get(&r->params, PARAM_NETWORK);

	if (value && network_choose(r).mode != NETWORK_NONE)
		strv_add(names, value);
}

void network_uses_add(struct network_ids *ids, struct containers *c, const struct record *r, struct workload *w)
{
	auto_attachments l = {0};
	struct err ignored;
	bool on = network_choose(r).mode == NETWORK_NAMED && attachments_read(&l, &r->params, &ignored) == 0;

	for (size_t i = 0; on && i < l.count; i++) {
		strv_add(&w->networks, l.items[i].network);
		if (!network_is_private(r))
			network_use_add(ids, c, l.items[i].network, &w->uses);
	}
	if (!on)
		add_shared(r, &w->networks);
}
