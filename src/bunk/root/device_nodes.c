// SPDX-License-Identifier: LGPL-2.1-or-later
// The nodes of linux.devices for a user namespace, in which nodes cannot be created: a process with the parent's
// privileges creates them in a tmpfs and sends them as detached mounts.
#include "device_nodes.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/mem.h"
#include "bunk/plan/plan.h"
#include "mounts.h"
#include "sys/pty.h"

// Mounts the tmpfs on PLACE in this mount namespace, since only attached mounts can be cloned. Returns a descriptor.
static int open_store(int place)
{
	auto_close int context = fsopen("tmpfs", FSOPEN_CLOEXEC);

	if (context < 0 || fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return -errno;
	auto_close int store = fsmount(context, FSMOUNT_CLOEXEC, 0);
	return store < 0 || mounts_place(store, place, NULL, "") < 0 ? -errno : steal_fd(&store);
}

static bool is_mapped(const struct id_maps *maps, uint32_t id)
{
	for (size_t i = 0; i < maps->count; i++)
		if (id >= maps->items[i].inside && id - maps->items[i].inside < maps->items[i].size)
			return true;
	return false;
}

// Returns a detached mount of the node, or -1: then the child binds the host's node or reports why it cannot.
static int make_node(const struct container *c, int store, const struct device_entry *d)
{
	uint32_t uid = (uint32_t)d->uid.value, gid = (uint32_t)d->gid.value;
	mode_t type, mode = d->mode.given ? (mode_t)d->mode.value & 07777 : 0666;
	static const char name[] = "node";

	if (plan_device_type(d->type, &type) < 0 || !is_mapped(&c->config.uids, uid) || !is_mapped(&c->config.gids, gid))
		return -1;
	unlinkat(store, name, 0);
	if (mknodat(store, name, type | 0600, makedev((unsigned)d->major.value, (unsigned)d->minor.value)) < 0)
		return -1;
	if (fchownat(store, name, id_maps_outside(&c->config.uids, uid), id_maps_outside(&c->config.gids, gid),
	             AT_SYMLINK_NOFOLLOW) < 0 ||
	    fchmodat(store, name, mode, 0) < 0)
		return -1;
	return mounts_bind(store, name, false, NULL);
}

int send_or_none(int socket, int fd)
{
	if (fd >= 0)
		return fd_send(socket, fd, "descriptor");
	return send(socket, "-", 1, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

int device_nodes_send(const struct container *c, int place)
{
	auto_close int store = place >= 0 && c->config.devices.count ? open_store(place) : -1;
	int r = 0;

	for (size_t i = 0; r == 0 && i < c->config.devices.count; i++) {
		auto_close int node = store >= 0 ? make_node(c, store, &c->config.devices.items[i]) : -1;
		r = send_or_none(c->sync[0], node);
	}
	if (store >= 0)
		umount2(c->rootfs, MNT_DETACH | UMOUNT_NOFOLLOW);
	return r;
}

int device_nodes_receive(struct container *c)
{
	char text[16];
	int r = 0;

	c->nodes = mem_array(c->config.devices.count, sizeof(*c->nodes));
	for (size_t i = 0; i < c->config.devices.count; i++) {
		c->nodes[i] = r == 0 ? fd_receive(c->sync[1], text, sizeof(text)) : -1;
		if (c->nodes[i] < 0 && c->nodes[i] != -EPROTO) // -EPROTO: a message without one
			r = r < 0 ? r : c->nodes[i];
	}
	return r;
}
