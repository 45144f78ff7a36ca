// SPDX-License-Identifier: LGPL-2.1-or-later
// linux.sysctl: writing the values.
#include "sysctl.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "bunk/container/container.h"
#include "bunk/plan/plan.h"
#include "sys/fs.h"

static int set_sysctl(int proc, const struct name_value *s, struct err *e)
{
	auto_free char *path = sysctl_path(s->name);
	auto_close int fd = path ? fs_open_beneath(proc, path, O_WRONLY) : -EINVAL;
	int r = fd < 0 ? fd : 0;

	ssize_t n = r == 0 ? write(fd, s->value, strlen(s->value)) : 0;
	if (n < 0)
		r = -errno;
	else if (r == 0 && (size_t)n < strlen(s->value))
		r = -EIO;
	return r < 0 ? err_set(e, -r, "linux.sysctl: cannot set '%s' to '%s'", s->name, s->value) : 0;
}

// Uses the host's /proc before the root is entered: it shows the values of this process's namespaces, and the
// container cannot mount over it.
int step_sysctl(struct container *c, struct err *e)
{
	auto_close int proc = c->config.sysctl.count ? open("/proc/sys", O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
	int r = 0;

	if (c->config.sysctl.count && (proc < 0 || !fs_is_type(proc, PROC_SUPER_MAGIC)))
		return err_msg(e, ENXIO, "linux.sysctl: /proc/sys is not on procfs");
	for (size_t i = 0; r == 0 && i < c->config.sysctl.count; i++)
		r = set_sysctl(proc, &c->config.sysctl.items[i], e);
	return r;
}
