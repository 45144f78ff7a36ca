// SPDX-License-Identifier: LGPL-2.1-or-later
// Queries on the struct of a container's control groups, and releasing it.
#include "groups.h"

#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>

#include "base/mem.h"
#include "base/str.h"
#include "bunk/container/container.h"
#include "sys/closing.h"
#include "sys/proc.h"

const char *groups_directory(const struct groups *g, enum cgroup_controller controller)
{
	const char *mount_point = g->layout.v1[controller];

	if (g->v2)
		return g->joined.count ? g->joined.items[0] : NULL;
	for (size_t i = 0; mount_point && i < g->joined.count; i++)
		if (str_starts(g->joined.items[i], mount_point) && g->joined.items[i][strlen(mount_point)] == '/')
			return g->joined.items[i];
	return NULL;
}

static bool offers_controller(const struct cgroup_layout *layout, const char *name)
{
	auto_free char *path = mem_printf("%s/cgroup.controllers", layout->unified);
	char text[512];
	auto_strv words = {0};

	if (proc_read_file(path, text, sizeof(text)) <= 0)
		return false;
	text[strcspn(text, "\n")] = '\0';
	strv_split(&words, text, " ");
	return strv_has(&words, name);
}

const char *groups_beside(const struct groups *g, enum cgroup_controller controller)
{
	const char *unified = g->layout.unified;

	if (g->v2 || g->layout.v1[controller] || !unified ||
	    !offers_controller(&g->layout, cgroup_controller_name(controller)))
		return NULL;
	for (size_t i = 0; i < g->joined.count; i++)
		if (str_starts(g->joined.items[i], unified) && g->joined.items[i][strlen(unified)] == '/')
			return g->joined.items[i];
	return NULL;
}

// A v1 group is marked on its file "tasks", which is open anyway: setting it by path takes three times as long.
bool groups_has_mark(const char *directory, char *text, size_t size)
{
	auto_free char *tasks = mem_printf("%s/tasks", directory);

	return getxattr(directory, GROUPS_MARK, text, size) > 0 || getxattr(tasks, GROUPS_MARK, text, size) > 0;
}

bool groups_out_of_memory(const struct groups *g)
{
	const char *directory = groups_directory(g, CGROUP_MEMORY);
	auto_free char *path =
	    directory ? mem_printf("%s/%s", directory, g->v2 ? "memory.events" : "memory.oom_control") : NULL;
	char text[1024];
	const char *count = path && proc_read_file(path, text, sizeof(text)) > 0 ? strstr(text, "oom_kill ") : NULL;

	return count && strtoul(count + strlen("oom_kill "), NULL, 10) > 0;
}

void groups_stay_outside(struct groups *g)
{
	closing_add(g->into);
	g->into = -1;
	for (size_t i = 0; i < g->procs_count; i++)
		closing_add(g->procs[i]);
	g->procs_count = 0;
}

void groups_forget(struct groups *g)
{
	strv_done(&g->joined);
	free(g->freezer);
	g->freezer = NULL;
}

void groups_done(struct groups *g)
{
	groups_stay_outside(g);
	cgroup_layout_done(&g->layout);
	free(g->scope);
	free(g->slice);
	g->scope = g->slice = NULL;
	groups_forget(g);
}
