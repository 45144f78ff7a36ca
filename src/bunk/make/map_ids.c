// SPDX-License-Identifier: LGPL-2.1-or-later
// The ids of a new user namespace (user_namespaces(7)).
#include "map_ids.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "bunk/read/config.h"
#include "sys/fs.h"
#include "sys/proc.h"

static char *maps_text(const struct id_maps *maps)
{
	struct str text = {0};

	for (size_t i = 0; i < maps->count; i++)
		str_addf(&text, "%u %u %u\n", maps->items[i].inside, maps->items[i].outside, maps->items[i].size);
	return str_steal(&text);
}

// The setuid helpers of the shadow package may map the ids that /etc/subuid and /etc/subgid assign to this user.
static int map_by_helper(const char *program, pid_t pid, const struct id_maps *maps, struct err *e)
{
	auto_strv argv = {0};

	strv_add(&argv, program);
	strv_addf(&argv, "%d", pid);
	for (size_t i = 0; i < maps->count; i++) {
		strv_addf(&argv, "%u", maps->items[i].inside);
		strv_addf(&argv, "%u", maps->items[i].outside);
		strv_addf(&argv, "%u", maps->items[i].size);
	}
	int r = proc_run((const char *const *)argv.items, NULL, NULL, 10 * SECOND, e);
	if (r == -ENOENT)
		return err_msg(e, ENOENT, "mapping more than the user's own id needs the program '%s' (package uidmap)",
		               program);
	return r > 0 ? err_msg(e, EPERM, "'%s' rejected the mapping (see /etc/subuid and /etc/subgid)", program) : r;
}

int map_ids(pid_t pid, const struct id_maps *uids, const struct id_maps *gids, struct err *e)
{
	const struct kind {
		const char *file, *program;
		const struct id_maps *maps;
	} kinds[] = {{"uid_map", "newuidmap", uids}, {"gid_map", "newgidmap", gids}};
	auto_free char *directory = mem_printf("/proc/%d", pid);
	auto_close int proc = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (proc < 0)
		return err_set(e, errno, "cannot open '%s' to map ids", directory);
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		const struct id_maps *maps = kinds[i].maps;
		auto_free char *text = maps_text(maps);
		bool own =
		    maps->count == 1 && maps->items[0].size == 1 && maps->items[0].outside == (i == 0 ? geteuid() : getegid());

		// user_namespaces(7): without privileges setgroups(2) must be denied before writing gid_map
		if (own && i == 1 && geteuid() != 0)
			fs_write_text(proc, "setgroups", "deny");
		int r = fs_write_text(proc, kinds[i].file, text);
		if (r == -EPERM && !own)
			r = map_by_helper(kinds[i].program, pid, maps, e);
		else if (r < 0)
			err_set(e, -r, "%s: cannot map ids", i == 0 ? "uidMappings" : "gidMappings");
		if (r < 0)
			return r;
	}
	return 0;
}
