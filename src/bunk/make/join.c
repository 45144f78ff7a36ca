// SPDX-License-Identifier: LGPL-2.1-or-later
// Namespaces given by path: this process enters them for the clone, which creates all others.
#include "join.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "sys/fs.h"

int namespace_open(const struct plan_join *j, struct err *e)
{
	auto_close int fd = open(j->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return err_set(e, errno, "linux.namespaces: cannot open '%s'", j->path);
	if (!fs_is_type(fd, NSFS_MAGIC) || ioctl(fd, NS_GET_NSTYPE) != j->flag)
		return err_msg(e, EINVAL, "linux.namespaces: '%s' is not a %s namespace", j->path,
		               plan_namespace_file(j->flag));
	return steal_fd(&fd);
}

static int own_namespace(int flag)
{
	auto_free char *path = mem_printf("/proc/self/ns/%s", plan_namespace_file(flag));

	return open(path, O_RDONLY | O_CLOEXEC);
}

void joined_leave(struct joined *d)
{
	while (d->count > 0) {
		int fd = d->back[--d->count];

		setns(fd, 0);
		close(fd);
	}
}

// The setting of the configuration that would change the namespace of type FLAG; NULL: none. Names that are already
// set do not change it: engines repeat them for containers that share a namespace.
static const char *setting_of(const struct container *c, int flag)
{
	char host[65] = "", domain[65] = "";

	if (c->plan.sysctl_namespaces & (unsigned)flag)
		return "linux.sysctl";
	if (flag != CLONE_NEWUTS || gethostname(host, sizeof(host)) < 0 || getdomainname(domain, sizeof(domain)) < 0)
		return NULL;
	if (c->config.hostname && *c->config.hostname && !str_equal(c->config.hostname, host))
		return "hostname";
	return c->config.domainname && *c->config.domainname && !str_equal(c->config.domainname, domain) ? "domainname"
	                                                                                                 : NULL;
}

// A path may lead to the host's own namespace, which must not be changed.
static int check_not_own(const struct container *c, const struct plan_join *j, int fd, int own, struct err *e)
{
	const char *setting = fs_is_same(fd, own) ? setting_of(c, j->flag) : NULL;

	return setting ? err_msg(e, EINVAL, "config.json: %s: '%s' is the host's own %s namespace, which would change",
	                         setting, j->path, plan_namespace_file(j->flag))
	               : 0;
}

static int enter_namespace(struct joined *d, const struct container *c, const struct plan_join *j, struct err *e)
{
	auto_close int fd = namespace_open(j, e);
	int back = fd < 0 || d->count == ARRAY_SIZE(d->back) ? -1 : own_namespace(j->flag);

	if (fd < 0)
		return fd;
	if (back < 0)
		return err_set(e, errno, "cannot open this process's own namespace");
	d->back[d->count++] = back;
	int r = check_not_own(c, j, fd, back, e);
	if (r == 0 && setns(fd, j->flag) < 0)
		r = err_set(e, errno, "linux.namespaces: cannot join '%s'", j->path);
	if (r == 0)
		d->flags |= (unsigned)j->flag;
	return r;
}

int joined_enter(struct joined *d, const struct container *c, bool later, struct err *e)
{
	const unsigned others = CLONE_NEWUSER | CLONE_NEWCGROUP | CLONE_NEWNS; // the helper or the child joins these

	for (size_t i = 0; i < c->plan.join_count; i++) {
		const struct plan_join *j = &c->plan.joins[i];
		int r = (others | d->flags) & (unsigned)j->flag ? 0 : enter_namespace(d, c, j, e);

		if (r < 0 && !(later && r == -EPERM))
			return r;
	}
	return 0;
}
