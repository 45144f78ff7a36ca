// SPDX-License-Identifier: LGPL-2.1-or-later
// Plans linux.sysctl: maps a name to its file below /proc/sys, and the file to its namespace. Setting a sysctl of a
// namespace that is not the container's own would change the host.
#include <errno.h>
#include <sched.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "plan.h"

#define WRONG(E, ...) err_msg(E, EINVAL, "config.json: " __VA_ARGS__)

// Namespaced files below /proc/sys. A path that ends in '/' includes everything below it.
static const struct owned {
	const char *path;
	int flag;
} owned[] = {
	{"net/", CLONE_NEWNET},
	{"fs/mqueue/", CLONE_NEWIPC},
	{"kernel/auto_msgmni", CLONE_NEWIPC},
	{"kernel/msg_next_id", CLONE_NEWIPC},
	{"kernel/msgmax", CLONE_NEWIPC},
	{"kernel/msgmnb", CLONE_NEWIPC},
	{"kernel/msgmni", CLONE_NEWIPC},
	{"kernel/sem", CLONE_NEWIPC},
	{"kernel/sem_next_id", CLONE_NEWIPC},
	{"kernel/shm_next_id", CLONE_NEWIPC},
	{"kernel/shm_rmid_forced", CLONE_NEWIPC},
	{"kernel/shmall", CLONE_NEWIPC},
	{"kernel/shmmax", CLONE_NEWIPC},
	{"kernel/shmmni", CLONE_NEWIPC},
	{"kernel/domainname", CLONE_NEWUTS},
};

static bool is_plain_path(const char *path)
{
	for (;;) {
		size_t n = strcspn(path, "/");

		if (n == 0 || (n == 1 && path[0] == '.') || (n == 2 && path[0] == '.' && path[1] == '.'))
			return false;
		if (!path[n])
			return true;
		path += n + 1;
	}
}

// Like sysctl(8): the first separator decides which of the two spellings is used; the other character is then part of
// a name ("net.ipv4.conf.eth0/100.mtu" is "net/ipv4/conf/eth0.100/mtu").
char *sysctl_path(const char *name)
{
	auto_free char *path = mem_strdup(name);

	if (path[strcspn(path, "./")] == '.')
		for (char *p = path; *p; p++)
			*p = *p == '.' ? '/' : *p == '/' ? '.' : *p;
	return is_plain_path(path) ? steal(path) : NULL;
}

static int owner_flag(const char *path)
{
	for (size_t i = 0; i < ARRAY_SIZE(owned); i++) {
		size_t n = strlen(owned[i].path);

		if (owned[i].path[n - 1] == '/' ? strncmp(path, owned[i].path, n) == 0 : str_equal(path, owned[i].path))
			return owned[i].flag;
	}
	return 0;
}

static int plan_sysctl(struct plan *plan, const char *name, struct err *e)
{
	auto_free char *path = sysctl_path(name);
	int flag = path ? owner_flag(path) : 0;

	if (!path)
		return WRONG(e, "linux.sysctl: invalid name '%s' (for example net.ipv4.ip_forward)", name);
	if (str_equal(path, "kernel/hostname"))
		return WRONG(e, "linux.sysctl: '%s' cannot be set here (use the property hostname)", name);
	if (!flag)
		return WRONG(e, "linux.sysctl: '%s' is not namespaced: setting it would change the host", name);
	if (!plan_has_own(plan, flag))
		return WRONG(e, "linux.sysctl: '%s' needs the container's own %s namespace", name, plan_namespace_file(flag));
	plan->sysctl_namespaces |= (unsigned)flag;
	return 0;
}

int plan_sysctls(struct plan *plan, struct err *e)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < plan->config->sysctl.count; i++)
		r = plan_sysctl(plan, plan->config->sysctl.items[i].name, e);
	return r;
}
