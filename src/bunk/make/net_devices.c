// SPDX-License-Identifier: LGPL-2.1-or-later
// linux.netDevices: moves interfaces of the host into the container, with their addresses (config-linux.md "Network
// Devices").
#include "net_devices.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/mem.h"
#include "bunk/container/container.h"
#include "sys/netlink.h"

static const char *name_in_container(const struct net_device *d)
{
	return d->new_name && *d->new_name ? d->new_name : d->name;
}

int net_devices_look(struct container *c, struct err *e)
{
	size_t count = c->config.net_devices.count;
	int r = 0;

	c->addresses = count ? mem_array(count, sizeof(*c->addresses)) : NULL;
	for (size_t i = 0; r == 0 && i < count; i++)
		if ((r = netlink_addresses(c->config.net_devices.items[i].name, &c->addresses[i], e)) < 0)
			err_wrap(e, "config.json: linux.netDevices");
	return r;
}

int net_devices_move(struct container *c, struct err *e)
{
	pid_t pid = c->pid;
	auto_free char *path = mem_printf("/proc/%d/ns/net", pid);
	auto_close int netns = c->config.net_devices.count ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	int r = 0;

	if (c->config.net_devices.count && netns < 0)
		return err_set(e, errno, "linux.netDevices: cannot open the container's network namespace");
	for (size_t i = 0; r == 0 && i < c->config.net_devices.count; i++) {
		const struct net_device *d = &c->config.net_devices.items[i];

		if ((r = netlink_move(d->name, netns, name_in_container(d), e)) < 0)
			err_wrap(e, "linux.netDevices");
	}
	return r;
}

int net_devices_set_up(const struct container *c, struct err *e)
{
	for (size_t i = 0; i < c->config.net_devices.count; i++) {
		const char *name = name_in_container(&c->config.net_devices.items[i]);
		int r = 0;

		for (size_t k = 0; r == 0 && k < c->addresses[i].count; k++)
			r = netlink_add_address(name, c->addresses[i].items[k], e);
		if (r == 0)
			r = netlink_set_up(name, e);
		if (r < 0)
			return err_wrap(e, "linux.netDevices");
	}
	return 0;
}
