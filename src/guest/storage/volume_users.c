// Decides whether a volume is in use: see volume_users.h.
#include "volume_users.h"

#include <errno.h>
#include <stdlib.h>

#include "base/mem.h"
#include "guest/vir/error.h"
#include "owned.h"
#include "volumes.h"

// The volume of ALL that is based on V, or NULL.
static const struct pool_volume *find_based(const struct pool_volumes *all, const struct pool_volume *v)
{
	for (size_t i = 0; v->path && i < all->count; i++)
		if (str_equal(all->items[i].backing, v->path))
			return &all->items[i];
	return NULL;
}

int volume_check_not_based_on(struct volume_call *c, struct err *e)
{
	struct pool_volumes all = {0};

	if (volumes_read(c->slot->conn, &all) < 0)
		return guest_error(e, "cannot list the volumes that may be based on '%s'", c->name);
	const struct pool_volume *based = find_based(&all, &c->is.items[0]);
	auto_free char *name = based ? volume_full_name(based) : NULL;
	pool_volumes_done(&all);
	return name ? err_msg(e, EBUSY, "volume '%s' is the backing file of volume '%s'", c->name, name) : 0;
}

// The path of the volume if it is on this host, else NULL.
static const char *local_path(const struct volume_call *c)
{
	const char *path = c->is.items[0].path;

	return c->g->local && path && *path == '/' ? path : NULL;
}

int volume_check_unused(struct volume_call *c, struct err *e)
{
	const char *path = local_path(c);
	int r = volume_check_not_based_on(c, e);

	if (r < 0)
		return r;
	if (!path)
		return err_msg(e, EBUSY, "volume '%s' is not a file on this host: it may be in use", c->name);
	auto_free char *why = storage_why_kept(c->g, c->slot->conn, path);
	return why ? err_msg(e, EBUSY, "volume '%s' is kept: %s", c->name, why) : 0;
}

int volume_check_not_open(struct volume_call *c, struct err *e)
{
	const char *path = local_path(c);
	auto_free char *user = path ? storage_user(path) : NULL;

	return user ? err_msg(e, EBUSY, "volume '%s' is open in %s (stop it first)", c->name, user) : 0;
}
