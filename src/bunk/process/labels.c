// SPDX-License-Identifier: LGPL-2.1-or-later
// Labels of Linux security modules: the AppArmor profile and the SELinux context that take effect at execve. They are
// written through the host's /proc, opened before the container's mounts can replace it (CVE-2019-16884).
#include "labels.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "bunk/container/container.h"
#include "sys/fs.h"
#include "sys/proc.h"

static const char *apparmor_of(const struct container *c)
{
	const char *profile = c->plan.process.config->apparmor;

	return profile && *profile && !str_equal(profile, "unconfined") ? profile : NULL;
}

static const char *selinux_of(const struct container *c)
{
	const char *label = c->plan.process.config->selinux;

	return label && *label ? label : NULL;
}

bool labels_apparmor_on(void)
{
	char text[8];

	return proc_read_file("/sys/module/apparmor/parameters/enabled", text, sizeof(text)) > 0 && text[0] == 'Y';
}

bool labels_selinux_on(void)
{
	return faccessat(AT_FDCWD, "/sys/fs/selinux/enforce", F_OK, AT_EACCESS) == 0;
}

int labels_prepare(struct container *c, struct err *e)
{
	const char *mount_label = c->config.mount_label;

	if (apparmor_of(c) && !labels_apparmor_on())
		return err_msg(e, EOPNOTSUPP, "config.json: process.apparmorProfile: AppArmor is not enabled in this kernel");
	if (selinux_of(c) && !labels_selinux_on())
		return err_msg(e, EOPNOTSUPP, "config.json: process.selinuxLabel: SELinux is not enabled in this kernel");
	if (mount_label && *mount_label && !labels_selinux_on())
		return err_msg(e, EOPNOTSUPP, "config.json: linux.mountLabel: SELinux is not enabled in this kernel");
	if (!apparmor_of(c) && !selinux_of(c))
		return 0;
	c->proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (c->proc < 0 || !fs_is_type(c->proc, PROC_SUPER_MAGIC))
		return err_msg(e, ENXIO, "/proc is not a procfs: cannot set labels");
	return 0;
}

static int write_label(const struct container *c, const char *file, const char *text, const char *field,
                       const char *label, struct err *e)
{
	int r = fs_write_text(c->proc, file, text);

	return r < 0 ? err_set(e, -r, "process.%s: cannot set '%s'", field, label) : 0;
}

int labels_write(const struct container *c, struct err *e)
{
	const char *profile = apparmor_of(c), *label = selinux_of(c);
	auto_free char *change = profile ? mem_printf("exec %s", profile) : NULL;
	int r = 0;

	if (profile &&
	    (r = write_label(c, "self/attr/apparmor/exec", change, "apparmorProfile", profile, NULL)) == -ENOENT)
		r = write_label(c, "self/attr/exec", change, "apparmorProfile", profile, NULL); // before Linux 5.8
	if (r < 0)
		return err_set(e, -r, "process.apparmorProfile: cannot set '%s'", profile);
	return label ? write_label(c, "self/attr/exec", label, "selinuxLabel", label, e) : 0;
}
