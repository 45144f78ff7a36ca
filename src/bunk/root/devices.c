// SPDX-License-Identifier: LGPL-2.1-or-later
// The device nodes of a container's root: the default ones, those of linux.devices, and the links in /dev
// (config-linux.md "Devices", "Default Devices"). The root is hostile: see rootfs.c.
#include "devices.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "bunk/container/container.h"
#include "bunk/plan/plan.h"
#include "mounts.h"
#include "sys/closing.h"
#include "sys/fs.h"
#include "sys/proc.h"

static const struct default_device {
	const char *name;
	unsigned major, minor;
} default_devices[] = {
	{"null", 1, 3}, {"zero", 1, 5}, {"full", 1, 7}, {"random", 1, 8}, {"urandom", 1, 9}, {"tty", 5, 0},
};

bool devices_is(int fd, mode_t type, unsigned major_number, unsigned minor_number)
{
	struct stat st;

	return fstat(fd, &st) == 0 && (st.st_mode & S_IFMT) == type && st.st_rdev == makedev(major_number, minor_number);
}

// Opens the host's node of a device by its kernel name in sysfs ("DEVNAME=net/tun"), for devices with another name in
// the container. Returns a descriptor or -1.
static int open_by_number(mode_t type, unsigned major_number, unsigned minor_number)
{
	auto_free char *event =
	    mem_printf("/sys/dev/%s/%u:%u/uevent", S_ISBLK(type) ? "block" : "char", major_number, minor_number);
	char text[4096];
	const char *line = proc_read_file(event, text, sizeof(text)) > 0 ? strstr(text, "DEVNAME=") : NULL;

	if (!line)
		return -1;
	line += strlen("DEVNAME=");
	auto_free char *path = mem_printf("/dev/%.*s", (int)strcspn(line, "\n"), line);
	return open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
}

static int place_device(int dir, const char *name, int tree, struct err *e)
{
	auto_closing int target = fs_resolve(dir, name, FS_CREATE | FS_NO_LINKS, e);

	return target < 0 ? target : mounts_place(tree, target, e, name);
}

// If mknod(2) is not permitted (user namespaces), binds the host's node after checking that it is the right device.
static int bind_device(int dir, const char *name, const char *host_path, mode_t type, unsigned major_number,
                       unsigned minor_number, struct err *e)
{
	auto_closing int same = open(host_path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	bool found = same >= 0 && devices_is(same, type, major_number, minor_number);
	auto_closing int host = found ? steal_fd(&same) : open_by_number(type, major_number, minor_number);

	if (host < 0)
		errno = same < 0 ? ENOENT : ENXIO;
	if (host < 0 || !devices_is(host, type, major_number, minor_number))
		return err_set(e, host < 0 ? errno : ENXIO, "'%s' on the host is not the device %u:%u", host_path,
		               major_number, minor_number);
	auto_closing int tree = mounts_bind(host, "", false, e);
	return tree < 0 ? tree : place_device(dir, name, tree, e);
}

struct maker {
	uid_t uid;
	gid_t gid;
};

struct node {
	const struct maker *maker; // this process
	int made;         // a detached mount of it from the parent, -1: none
	const char *path; // below /dev or absolute in the root
	mode_t type, mode;
	unsigned major, minor;
	uid_t uid;
	gid_t gid;
};

// A new node belongs to this process's user. Another owner is set through a verified descriptor: in a shared root the
// node may have been replaced.
static int set_node_owner(int dir, const char *name, const struct node *n, struct err *e)
{
	if (n->uid == n->maker->uid && n->gid == n->maker->gid)
		return 0;
	auto_closing int node = fs_resolve(dir, name, FS_NO_LINKS, e);
	if (node < 0)
		return node;
	if (!devices_is(node, n->type, n->major, n->minor))
		return err_msg(e, EBUSY, "device '%s' was replaced while it was created", n->path);
	if (fchownat(node, "", n->uid, n->gid, AT_EMPTY_PATH) < 0)
		return err_set(e, errno, "cannot change the owner of device '%s'", n->path);
	return 0;
}

static int make_node_in(const struct container *c, int dir, const char *name, const struct node *n, struct err *e)
{
	if (n->made >= 0)
		return place_device(dir, name, n->made, e);
	int r = plan_is_new(&c->plan, CLONE_NEWUSER)                                     ? -EPERM
	        : mknodat(dir, name, n->type | n->mode, makedev(n->major, n->minor)) < 0 ? -errno
	                                                                                 : 0;

	if (r == -EPERM && n->type != S_IFIFO)
		return bind_device(dir, name, n->path, n->type, n->major, n->minor, e);
	if (r == -EEXIST) {
		auto_closing int node = fs_resolve(dir, name, FS_NO_LINKS, e);

		if (node < 0)
			return node;
		if (devices_is(node, n->type, n->major, n->minor))
			return 0; // left unchanged: it may be bound from the host
	}
	if (r < 0)
		return err_set(e, -r, "cannot create device '%s'", n->path);
	return set_node_owner(dir, name, n, e);
}

static int make_node(const struct container *c, int root, const struct node *n, struct err *e)
{
	size_t length = strlen(n->path);

	while (length > 1 && n->path[length - 1] == '/')
		length--;
	auto_free char *path = mem_strndup(n->path, length);
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	auto_free char *above = mem_strndup(path, (size_t)(name - path));
	struct node node = *n;
	auto_closing int dir = fs_resolve(root, *above ? above : "/", FS_CREATE | FS_DIRECTORY, e);

	node.path = path;
	return dir < 0 ? dir : make_node_in(c, dir, name, &node, e);
}

static int configured_devices(const struct container *c, const struct maker *maker, int root, struct err *e)
{
	for (size_t i = 0; i < c->config.devices.count; i++) {
		const struct device_entry *d = &c->config.devices.items[i];
		struct node n = {.maker = maker,
				 .made = c->nodes ? c->nodes[i] : -1,
				 .path = d->path,
				 .mode = d->mode.given ? (mode_t)d->mode.value & 07777 : 0666,
				 .major = (unsigned)d->major.value,
				 .minor = (unsigned)d->minor.value,
				 .uid = (uid_t)d->uid.value,
				 .gid = (gid_t)d->gid.value};
		int r = plan_device_type(d->type, &n.type);

		if (r == 0)
			r = make_node(c, root, &n, e);
		if (r < 0)
			return err_wrap(e, "linux.devices[%zu]", i);
	}
	return 0;
}

static const char *const links[][2] = {
	{"fd", "/proc/self/fd"},         {"stdin", "/proc/self/fd/0"}, {"stdout", "/proc/self/fd/1"},
	{"stderr", "/proc/self/fd/2"},   {"core", "/proc/kcore"},      {"ptmx", "pts/ptmx"},
};

static int make_defaults(const struct container *c, const struct maker *maker, int dev, struct err *e)
{
	for (size_t i = 0; i < ARRAY_SIZE(default_devices); i++) {
		const struct default_device *d = &default_devices[i];
		auto_free char *path = mem_printf("/dev/%s", d->name);
		struct node n = {.maker = maker,
		                 .made = -1,
		                 .path = path,
		                 .type = S_IFCHR,
		                 .mode = 0666,
		                 .major = d->major,
		                 .minor = d->minor};
		int r = make_node_in(c, dev, d->name, &n, e);

		if (r < 0)
			return r;
	}
	return 0;
}

static int make_links(int dev, struct err *e)
{
	for (size_t i = 0; i < ARRAY_SIZE(links); i++)
		if (symlinkat(links[i][1], dev, links[i][0]) < 0 && errno != EEXIST && errno != EROFS)
			return err_set(e, errno, "cannot create the link /dev/%s", links[i][0]);
	return 0;
}

// Configured devices first, so that they set mode and owner if they name a default device.
int devices_make(const struct container *c, int root, struct err *e)
{
	auto_closing int dev = fs_resolve(root, "/dev", FS_CREATE | FS_DIRECTORY, e);

	if (dev < 0)
		return dev;
	const struct maker maker = {geteuid(), getegid()};
	int r = configured_devices(c, &maker, root, e);
	if (r == 0)
		r = make_defaults(c, &maker, dev, e);
	return r < 0 ? r : make_links(dev, e);
}
