// SPDX-License-Identifier: LGPL-2.1-or-later
// The mounts of a plan: parses their options (mount(8)) and decides which become read-only last.
#include <errno.h>
#include <linux/mount.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>

#include "base/mem.h"
#include "base/str.h"
#include "bunk/read/config.h"
#include "bunk/read/reader.h"
#include "plan.h"

#define WRONG(E, ...) err_msg(E, EINVAL, "config.json: " __VA_ARGS__)

static const struct propagation {
	const char *name;
	unsigned long flag;
} propagations[] = {
	{"private", MS_PRIVATE}, {"slave", MS_SLAVE}, {"shared", MS_SHARED}, {"unbindable", MS_UNBINDABLE},
};

static uint64_t propagation_of(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(propagations); i++)
		if (str_equal(propagations[i].name, name))
			return propagations[i].flag;
	return 0;
}

// Mount options that are attributes of a mount (mount(8)); with the prefix "r" they apply recursively.
static const struct mount_option {
	const char *name;
	uint64_t set, clear;
} mount_options[] = {
	{"ro", MOUNT_ATTR_RDONLY, 0},
	{"rw", 0, MOUNT_ATTR_RDONLY},
	{"nosuid", MOUNT_ATTR_NOSUID, 0},
	{"suid", 0, MOUNT_ATTR_NOSUID},
	{"nodev", MOUNT_ATTR_NODEV, 0},
	{"dev", 0, MOUNT_ATTR_NODEV},
	{"noexec", MOUNT_ATTR_NOEXEC, 0},
	{"exec", 0, MOUNT_ATTR_NOEXEC},
	{"noatime", MOUNT_ATTR_NOATIME, MOUNT_ATTR__ATIME},
	{"atime", 0, MOUNT_ATTR__ATIME},
	{"relatime", 0, MOUNT_ATTR__ATIME},
	{"norelatime", 0, MOUNT_ATTR__ATIME},
	{"strictatime", MOUNT_ATTR_STRICTATIME, MOUNT_ATTR__ATIME},
	{"nostrictatime", 0, MOUNT_ATTR__ATIME},
	{"nodiratime", MOUNT_ATTR_NODIRATIME, 0},
	{"diratime", 0, MOUNT_ATTR_NODIRATIME},
	{"nosymfollow", MOUNT_ATTR_NOSYMFOLLOW, 0},
	{"symfollow", 0, MOUNT_ATTR_NOSYMFOLLOW},
	{"defaults", 0, 0},
};

// Mount options of the file system as a whole (mount(2)). Those without a flag are the default. BY_NAME: passed to
// fsconfig(2); the others need mount(2).
static const struct system_option {
	const char *name;
	unsigned long flag;
	bool by_name;
} system_options[] = {
	{"async", 0, false},
	{"sync", MS_SYNCHRONOUS, true},
	{"dirsync", MS_DIRSYNC, true},
	{"lazytime", MS_LAZYTIME, true},
	{"nolazytime", 0, false},
	{"iversion", MS_I_VERSION, false},
	{"noiversion", 0, false},
	{"mand", MS_MANDLOCK, true},
	{"nomand", 0, false},
	{"silent", 0, false}, // fsconfig(2) logs nothing anyway
	{"loud", 0, false},
};

// Options that only mount(8) and service managers read (mount(8), "FILESYSTEM-INDEPENDENT MOUNT OPTIONS"), and the
// prefixes of others.
static const char *const comments[] = {"auto",  "noauto",  "nofail", "_netdev", "user",  "nouser",
                                       "users", "nousers", "owner",  "noowner", "group", "nogroup"};
static const char *const comment_prefixes[] = {"x-", "X-", "comment="};

static bool is_comment(const char *option)
{
	bool found = false;

	for (size_t i = 0; i < ARRAY_SIZE(comments); i++)
		found |= str_equal(option, comments[i]);
	for (size_t i = 0; i < ARRAY_SIZE(comment_prefixes); i++)
		found |= str_starts(option, comment_prefixes[i]);
	return found;
}

static const char *const other_options[] = {"bind",      "rbind",   "remount",    "idmap",       "ridmap",
                                            "tmpcopyup", "private", "rprivate",   "slave",       "rslave",
                                            "shared",    "rshared", "unbindable", "runbindable", "publiconly"};

// The attributes, their recursive forms, the options of file systems and the other words that plan_mount() accepts.
const char *plan_mount_option(size_t i)
{
	static char twin[24];

	if (i < ARRAY_SIZE(mount_options))
		return mount_options[i].name;
	i -= ARRAY_SIZE(mount_options);
	if (i < ARRAY_SIZE(mount_options) - 1) { // not of "defaults", the last
		snprintf(twin, sizeof(twin), "r%s", mount_options[i].name);
		return twin;
	}
	i -= ARRAY_SIZE(mount_options) - 1;
	if (i < ARRAY_SIZE(system_options))
		return system_options[i].name;
	i -= ARRAY_SIZE(system_options);
	return i < ARRAY_SIZE(other_options) ? other_options[i] : NULL;
}

static const struct mount_option *find_option(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(mount_options); i++)
		if (str_equal(mount_options[i].name, name))
			return &mount_options[i];
	return NULL;
}

static bool set_attribute(struct plan_mount *m, const char *option)
{
	const struct mount_option *o = find_option(option);

	if (o) {
		m->set = (m->set & ~o->clear) | o->set;
		m->clear = (m->clear & ~o->set) | o->clear;
		return true;
	}
	if (option[0] != 'r' || !(o = find_option(option + 1)) || str_equal(o->name, "defaults"))
		return false;
	m->set_below = (m->set_below & ~o->clear) | o->set;
	m->clear_below = (m->clear_below & ~o->set) | o->clear;
	return true;
}

static bool set_propagation(struct plan_mount *m, const char *option)
{
	uint64_t own = propagation_of(option), below = option[0] == 'r' ? propagation_of(option + 1) : 0;

	if (!own && !below)
		return false;
	m->propagation = own ? own : below;
	m->propagation_below = below;
	return true;
}

static bool set_kind(struct plan_mount *m, const char *option)
{
	if (str_equal(option, "bind"))
		m->bind = true;
	else if (str_equal(option, "rbind"))
		m->bind = m->recursive_bind = true;
	else if (str_equal(option, "tmpcopyup"))
		m->copy_up = true;
	else if (str_equal(option, "publiconly"))
		m->public_only = true;
	else if (str_equal(option, "remount"))
		m->remount = true;
	else if (str_equal(option, "idmap"))
		m->idmap = true;
	else if (str_equal(option, "ridmap"))
		m->idmap = m->recursive_idmap = true;
	else
		return false;
	return true;
}

static const struct system_option *find_system(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(system_options); i++)
		if (str_equal(system_options[i].name, name))
			return &system_options[i];
	return NULL;
}

static void set_system_option(struct plan_mount *m, const char *option)
{
	const struct system_option *o = find_system(option);

	if (!o || m->bind)
		return; // a bind mount cannot change the options of its file system
	if (o->by_name)
		m->data[m->data_count++] = option;
	else
		m->flags |= o->flag;
}

static int check_idmap(const struct plan *plan, const struct plan_mount *m, size_t i, struct err *e)
{
	const struct mount_entry *entry = m->entry;
	const struct id_maps *maps[] = {&entry->uids, &entry->gids};

	if (!m->idmap)
		return 0;
	if (!m->bind || m->remount)
		return WRONG(e, "mounts[%zu].options: 'idmap' is valid for bind mounts only", i);
	if (!entry->uids.count != !entry->gids.count)
		return WRONG(e, "mounts[%zu].%s: required with the other mapping", i,
		             entry->uids.count ? "gidMappings" : "uidMappings");
	if (!entry->uids.count && !plan->config->uids.count && !plan_has_own(plan, CLONE_NEWUSER))
		return WRONG(
		    e, "mounts[%zu].options: 'idmap' needs uidMappings and gidMappings of the mount or the container", i);
	for (size_t k = 0; k < ARRAY_SIZE(maps); k++)
		for (size_t n = 0; n < maps[k]->count; n++)
			if (maps[k]->items[n].size == 0)
				return WRONG(e, "mounts[%zu].%s[%zu].size: must be greater than 0", i,
				             k ? "gidMappings" : "uidMappings", n);
	return 0;
}

static int check_mount(const struct plan *plan, const struct plan_mount *m, size_t i, struct err *e)
{
	const struct mount_entry *entry = m->entry;

	if (m->bind && m->data_count)
		return WRONG(e, "mounts[%zu].options: '%s' is not an option of a bind mount", i, m->data[0]);
	if (m->bind && !m->remount && (!entry->source || !*entry->source))
		return WRONG(e, "mounts[%zu].source: required for a bind mount", i);
	if (!m->bind && !m->remount && (!entry->type || !*entry->type))
		return WRONG(e, "mounts[%zu].type: is missing", i);
	if (m->cgroup && !m->remount && (m->data_count || m->flags))
		return WRONG(e, "mounts[%zu].options: '%s' is not an option of a cgroup mount", i,
		             m->data_count ? m->data[0] : "iversion");
	if (m->flags & MS_I_VERSION && (m->remount || m->copy_up))
		return WRONG(e, "mounts[%zu].options: 'iversion' cannot be combined with remount or tmpcopyup", i);
	if (m->copy_up && entry->destination[strspn(entry->destination, "/")] == '\0')
		return WRONG(e, "mounts[%zu].options: 'tmpcopyup' cannot be used on the root", i);
	if (m->copy_up && !str_equal(entry->type, "tmpfs"))
		return WRONG(e, "mounts[%zu].options: 'tmpcopyup' is valid for tmpfs only", i);
	if (m->public_only && (!str_equal(entry->type, "overlay") || m->bind || m->remount ||
	                       entry->destination[strspn(entry->destination, "/")] == '\0'))
		return WRONG(e, "mounts[%zu].options: 'publiconly' is valid for overlays below the root only", i);
	return check_idmap(plan, m, i, e);
}

static int plan_mount(struct plan *plan, size_t i, struct err *e)
{
	const struct mount_entry *entry = &plan->config->mounts.items[i];
	struct plan_mount *m = &plan->mounts[i];

	m->entry = entry;
	m->data = pool_new(&plan->pool, entry->options.count, sizeof(*m->data));
	m->bind = str_equal(entry->type, "bind");
	m->cgroup = str_equal(entry->type, "cgroup") || str_equal(entry->type, "cgroup2");
	m->idmap = entry->uids.count || entry->gids.count;
	if (!*entry->destination)
		return WRONG(e, "mounts[%zu].destination: is empty", i);
	for (size_t k = 0; k < entry->options.count; k++) {
		const char *option = entry->options.items[k];

		if (!set_kind(m, option) && !set_propagation(m, option) && !set_attribute(m, option) && !is_comment(option) &&
		    !find_system(option))
			m->data[m->data_count++] = option;
	}
	for (size_t k = 0; k < entry->options.count; k++) // once it is known whether it is a bind mount
		set_system_option(m, entry->options.items[k]);
	return check_mount(plan, m, i, e);
}

// PATH relative to DIRECTORY ("" if they are the same); NULL if it is not below it.
static const char *path_below(const char *path, const char *directory)
{
	for (;;) {
		path += strspn(path, "/");
		directory += strspn(directory, "/");
		size_t n = strcspn(directory, "/");

		if (n == 0)
			return path;
		if (strncmp(path, directory, n) != 0 || (path[n] && path[n] != '/'))
			return NULL;
		path += n;
		directory += n;
	}
}

// Whether something is mounted or created below the mount I after it: other mounts, devices, the working directory.
static bool holds_others(const struct plan *plan, size_t i)
{
	const struct config *c = plan->config;
	const char *place = plan->mounts[i].entry->destination, *below;

	for (size_t k = i + 1; k < plan->mount_count; k++) {
		below = path_below(plan->mounts[k].entry->destination, place);
		if (below)
			return *below; // a mount at the same place covers this one: later ones are created in it
	}
	for (size_t k = 0; k < c->devices.count; k++)
		if (path_below(c->devices.items[k].path, place))
			return true;
	below = c->process.cwd ? path_below(c->process.cwd, place) : NULL;
	return path_below("/dev/null", place) || (below && *below);
}

static void plan_readonly(struct plan *plan)
{
	plan->root_readonly = plan->config->root_readonly;
	for (size_t i = 0; i < plan->mount_count; i++) {
		struct plan_mount *m = &plan->mounts[i];
		bool root = m->entry->destination[strspn(m->entry->destination, "/")] == '\0';
		bool made_in = !m->public_only && !str_equal(m->entry->type, "proc") && !str_equal(m->entry->type, "sysfs");

		if (!(m->set & MOUNT_ATTR_RDONLY) || !(root || (made_in && holds_others(plan, i))))
			continue;
		m->set &= ~(uint64_t)MOUNT_ATTR_RDONLY;
		m->readonly_last = !root;
		plan->root_readonly |= root;
	}
}

int plan_mounts(struct plan *plan, struct err *e)
{
	const struct config *c = plan->config;
	const char *text = c->propagation;

	if (text && *text && !(plan->propagation = propagation_of(text[0] == 'r' ? text + 1 : text)))
		return WRONG(e, "linux.rootfsPropagation: invalid value '%s' (shared, slave, private or unbindable)", text);
	plan->mount_count = c->mounts.count;
	plan->mounts = pool_new(&plan->pool, plan->mount_count, sizeof(*plan->mounts));
	for (size_t i = 0; i < plan->mount_count; i++) {
		int r = plan_mount(plan, i, e);

		if (r < 0)
			return r;
	}
	plan_readonly(plan);
	return 0;
}
