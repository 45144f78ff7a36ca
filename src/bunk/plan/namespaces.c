// SPDX-License-Identifier: LGPL-2.1-or-later
// Namespaces: their names, and which ones a container does not share with the host.
#include <sched.h>

#include "base/mem.h"
#include "base/str.h"
#include "bunk/read/config.h"
#include "plan.h"

static const struct namespace_name {
	const char *type, *file;
	int flag;
} namespace_names[] = {
	{"user", "user", CLONE_NEWUSER}, {"pid", "pid", CLONE_NEWPID}, {"network", "net", CLONE_NEWNET}, {"mount", "mnt",
	 CLONE_NEWNS},
	{"ipc", "ipc", CLONE_NEWIPC},         {"uts", "uts", CLONE_NEWUTS}, {"cgroup", "cgroup", CLONE_NEWCGROUP},
	{"time", "time", CLONE_NEWTIME},
};

int plan_namespace_flag(const char *type)
{
	for (size_t i = 0; i < ARRAY_SIZE(namespace_names); i++)
		if (str_equal(namespace_names[i].type, type))
			return namespace_names[i].flag;
	return 0;
}

const char *plan_namespace_file(int flag)
{
	for (size_t i = 0; i < ARRAY_SIZE(namespace_names); i++)
		if (namespace_names[i].flag == flag)
			return namespace_names[i].file;
	return NULL;
}

const char *plan_namespace_type(size_t i)
{
	return i < ARRAY_SIZE(namespace_names) ? namespace_names[i].type : NULL;
}

bool plan_is_new(const struct plan *plan, int namespace_flag)
{
	return plan->new_namespaces & (unsigned)namespace_flag;
}

bool plan_has_own(const struct plan *plan, int flag)
{
	for (size_t i = 0; i < plan->join_count; i++)
		if (plan->joins[i].flag == flag)
			return true;
	return plan_is_new(plan, flag);
}

bool plan_wants_new(const struct config *c, int namespace_flag)
{
	for (size_t i = 0; i < c->namespaces.count; i++) {
		const struct namespace_entry *n = &c->namespaces.items[i];

		if (plan_namespace_flag(n->type) == namespace_flag)
			return !n->path || !*n->path;
	}
	return false;
}
