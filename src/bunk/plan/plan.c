// SPDX-License-Identifier: LGPL-2.1-or-later
// From a configuration to the kernel's numbers: see plan.h. Touches nothing and needs no privileges.
#include "plan.h"

#include <errno.h>
#include <limits.h>
#include <linux/mount.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "bunk/filter/filter.h"
#include "bunk/read/config.h"
#include "bunk/read/reader.h"

#define WRONG(E, ...) err_msg(E, EINVAL, "config.json: " __VA_ARGS__)

static int plan_namespaces(struct plan *plan, struct err *e)
{
	const struct config *c = plan->config;
	unsigned seen = 0;

	plan->joins = pool_new(&plan->pool, c->namespaces.count, sizeof(*plan->joins));
	for (size_t i = 0; i < c->namespaces.count; i++) {
		const struct namespace_entry *n = &c->namespaces.items[i];
		int flag = plan_namespace_flag(n->type);

		if (!flag)
			return WRONG(e, "linux.namespaces[%zu].type: no namespace is called '%s'", i, n->type);
		if (seen & (unsigned)flag)
			return WRONG(e, "linux.namespaces[%zu].type: '%s' stands there twice", i, n->type);
		seen |= (unsigned)flag;
		if (!n->path || !*n->path)
			plan->new_namespaces |= (unsigned)flag;
		else if (n->path[0] != '/')
			return WRONG(e, "linux.namespaces[%zu].path: '%s' is not absolute", i, n->path);
		else
			plan->joins[plan->join_count++] = (struct plan_join){.flag = flag, .path = n->path};
	}
	return 0;
}

// In a mount namespace that is not the container's own a mount would show to everybody there, and stay when the container has gone.
static int check_mount_namespace(const struct plan *plan, struct err *e)
{
	const struct config *c = plan->config;
	const struct need {
		const char *name;
		bool asked;
	} needs[] = {
		{"mounts", c->mounts.count},
		{"root.readonly", c->root_readonly},
		{"linux.devices", c->devices.count},
		{"linux.maskedPaths", c->masked.count},
		{"linux.readonlyPaths", c->readonly.count},
		{"linux.rootfsPropagation", c->propagation && *c->propagation},
	};

	for (size_t i = 0; i < ARRAY_SIZE(needs) && !plan_is_new(plan, CLONE_NEWNS); i++)
		if (needs[i].asked)
			return WRONG(e, "%s: needs a new mount namespace (add {\"type\": \"mount\"} to linux.namespaces)", needs[i].name);
	return 0;
}

// Engines give mappings also with a namespace that has its own already, and without any: then they say nothing about the container's ids.
static int check_maps(const struct id_maps *maps, const char *name, bool wanted, struct err *e)
{
	if (wanted && !maps->count)
		return WRONG(e, "linux.%s: is needed for the new user namespace", name);
	for (size_t i = 0; i < maps->count; i++)
		if (maps->items[i].size == 0)
			return WRONG(e, "linux.%s[%zu].size: must be more than 0", name, i);
	return 0;
}

static int plan_users(struct plan *plan, struct err *e)
{
	bool user = plan_is_new(plan, CLONE_NEWUSER);
	int r = check_maps(&plan->config->uids, "uidMappings", user, e);

	return r < 0 ? r : check_maps(&plan->config->gids, "gidMappings", user, e);
}

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

// Mount options that are attributes of a mount (mount(8)); the same with "r" in front for all below it.
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

// Mount options of the file system as a whole (mount(2)): those without a flag say what is so anyway; those that fsconfig(2) knows by
// name go there, the others need mount(2).
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
	{"silent", 0, false}, // asks for fewer messages; the descriptor interface writes none
	{"loud", 0, false},
};

// Options that only mount(8) and service managers read (mount(8), "FILESYSTEM-INDEPENDENT MOUNT OPTIONS"), and the beginnings of others.
static const char *const comments[] = {"auto", "noauto", "nofail", "_netdev", "user", "nouser", "users", "nousers", "owner", "noowner", "group", "nogroup"};
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

static const char *const other_options[] = {"bind",    "rbind",	 "remount", "idmap",   "ridmap",     "tmpcopyup",  "private", "rprivate",
					    "slave",   "rslave", "shared",  "rshared", "unbindable", "runbindable", "publiconly"};

// The attributes, their recursive twins, the options of file systems and the other words that plan_mount() understands.
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
		return; // what is bound is of a file system that is mounted elsewhere and keeps its own
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
		return WRONG(e, "mounts[%zu].options: 'idmap' is for bind mounts only", i);
	if (!entry->uids.count != !entry->gids.count)
		return WRONG(e, "mounts[%zu].%s: is needed beside the other mapping", i, entry->uids.count ? "gidMappings" : "uidMappings");
	if (!entry->uids.count && !plan->config->uids.count && !plan_has_own(plan, CLONE_NEWUSER))
		return WRONG(e, "mounts[%zu].options: 'idmap' needs uidMappings and gidMappings, of the mount or of the container", i);
	for (size_t k = 0; k < ARRAY_SIZE(maps); k++)
		for (size_t n = 0; n < maps[k]->count; n++)
			if (maps[k]->items[n].size == 0)
				return WRONG(e, "mounts[%zu].%s[%zu].size: must be more than 0", i, k ? "gidMappings" : "uidMappings", n);
	return 0;
}

static int check_mount(const struct plan *plan, const struct plan_mount *m, size_t i, struct err *e)
{
	const struct mount_entry *entry = m->entry;

	if (m->bind && m->data_count)
		return WRONG(e, "mounts[%zu].options: '%s' is not an option of a bind mount", i, m->data[0]);
	if (m->bind && !m->remount && (!entry->source || !*entry->source))
		return WRONG(e, "mounts[%zu].source: is needed for a bind mount", i);
	if (!m->bind && !m->remount && (!entry->type || !*entry->type))
		return WRONG(e, "mounts[%zu].type: is missing", i);
	if (m->cgroup && !m->remount && (m->data_count || m->flags))
		return WRONG(e, "mounts[%zu].options: '%s' is not an option of a cgroup mount", i, m->data_count ? m->data[0] : "iversion");
	if (m->flags & MS_I_VERSION && (m->remount || m->copy_up))
		return WRONG(e, "mounts[%zu].options: 'iversion' goes neither with remount nor with tmpcopyup", i);
	if (m->copy_up && entry->destination[strspn(entry->destination, "/")] == '\0')
		return WRONG(e, "mounts[%zu].options: 'tmpcopyup' cannot be the root", i);
	if (m->copy_up && !str_equal(entry->type, "tmpfs"))
		return WRONG(e, "mounts[%zu].options: 'tmpcopyup' is for tmpfs only", i);
	if (m->public_only && (!str_equal(entry->type, "overlay") || m->bind || m->remount || entry->destination[strspn(entry->destination, "/")] == '\0'))
		return WRONG(e, "mounts[%zu].options: 'publiconly' is for overlays below the root only", i);
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

		if (!set_kind(m, option) && !set_propagation(m, option) && !set_attribute(m, option) && !is_comment(option) && !find_system(option))
			m->data[m->data_count++] = option;
	}
	for (size_t k = 0; k < entry->options.count; k++) // when it is known whether it is a bind mount
		set_system_option(m, entry->options.items[k]);
	return check_mount(plan, m, i, e);
}

// What is left of PATH below DIRECTORY ("" for the same place); NULL: it lies elsewhere.
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

// Whether something is mounted or made below the mount I after it: other mounts, devices, the working directory.
static bool holds_others(const struct plan *plan, size_t i)
{
	const struct config *c = plan->config;
	const char *place = plan->mounts[i].entry->destination, *below;

	for (size_t k = i + 1; k < plan->mount_count; k++) {
		below = path_below(plan->mounts[k].entry->destination, place);
		if (below)
			return *below; // another one on the same place has what comes later
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

static int plan_mounts(struct plan *plan, struct err *e)
{
	const struct config *c = plan->config;
	const char *text = c->propagation;

	if (text && *text && !(plan->propagation = propagation_of(text[0] == 'r' ? text + 1 : text)))
		return WRONG(e, "linux.rootfsPropagation: '%s' is not shared, slave, private or unbindable", text);
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

static int check_version(const char *version, struct err *e)
{
	if (strncmp(version, "1.", 2) == 0)
		return 0;
	return WRONG(e, "ociVersion: '%s' is not 1.x, which is what bunk knows", version);
}

static int check_hooks(const struct config *c, struct err *e)
{
	for (int k = 0; k < HOOK_KINDS; k++)
		for (size_t i = 0; i < c->hooks[k].count; i++) {
			const struct hook *hook = &c->hooks[k].items[i];

			if (hook->path[0] != '/')
				return WRONG(e, "hooks.%s[%zu].path: '%s' is not absolute", config_hook_name((enum hook_kind)k), i, hook->path);
			if (hook->timeout.given && hook->timeout.value <= 0)
				return WRONG(e, "hooks.%s[%zu].timeout: must be more than 0", config_hook_name((enum hook_kind)k), i);
		}
	return 0;
}

static int check_paths(const struct texts *paths, const char *name, struct err *e)
{
	for (size_t i = 0; i < paths->count; i++)
		if (paths->items[i][0] != '/')
			return WRONG(e, "linux.%s[%zu]: '%s' is not absolute", name, i, paths->items[i]);
	return 0;
}

int plan_personality(struct plan *plan, struct err *e)
{
	const struct config *c = plan->config;

	if (c->personality_flags.count)
		return WRONG(e, "linux.personality.flags[0]: no flag is defined");
	if (!c->personality)
		return 0;
	if (!str_equal(c->personality, "LINUX") && !str_equal(c->personality, "LINUX32"))
		return WRONG(e, "linux.personality.domain: '%s' is not LINUX or LINUX32", c->personality);
	plan->personality = str_equal(c->personality, "LINUX32") ? PER_LINUX32 : PER_LINUX;
	plan->personality_given = true;
	return 0;
}

int plan_device_type(const char *text, mode_t *type)
{
	static const struct {
		const char *name;
		mode_t type;
	} types[] = {{"c", S_IFCHR}, {"u", S_IFCHR}, {"b", S_IFBLK}, {"p", S_IFIFO}};

	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (str_equal(types[i].name, text)) {
			*type = types[i].type;
			return 0;
		}
	return -EINVAL;
}

static int check_devices(const struct config *c, struct err *e)
{
	for (size_t i = 0; i < c->devices.count; i++) {
		const struct device_entry *d = &c->devices.items[i];
		const struct {
			const char *name;
			const struct number *number;
			int64_t most;
		} numbers[] = {{"major", &d->major, 4095}, {"minor", &d->minor, 1048575}, {"fileMode", &d->mode, UINT32_MAX},
			       {"uid", &d->uid, UINT32_MAX - 1}, {"gid", &d->gid, UINT32_MAX - 1}};
		mode_t type;

		if (d->path[0] != '/')
			return WRONG(e, "linux.devices[%zu].path: '%s' is not absolute", i, d->path);
		if (plan_device_type(d->type, &type) < 0)
			return WRONG(e, "linux.devices[%zu].type: '%s' is not c, b, u or p", i, d->type);
		for (size_t k = 0; k < ARRAY_SIZE(numbers); k++) {
			if (k < 2 && type != S_IFIFO && !numbers[k].number->given)
				return WRONG(e, "linux.devices[%zu].%s: is missing", i, numbers[k].name);
			if (numbers[k].number->value < 0 || numbers[k].number->value > numbers[k].most)
				return WRONG(e, "linux.devices[%zu].%s: is out of range", i, numbers[k].name);
		}
	}
	return 0;
}

static int check_time_offsets(const struct plan *plan, struct err *e)
{
	for (size_t i = 0; i < plan->config->time_offsets.count; i++) {
		const struct time_offset *t = &plan->config->time_offsets.items[i];

		if (!str_equal(t->clock, "monotonic") && !str_equal(t->clock, "boottime"))
			return WRONG(e, "linux.timeOffsets: '%s' is not monotonic or boottime", t->clock);
		if (t->nanoseconds >= SECOND)
			return WRONG(e, "linux.timeOffsets.%s.nanosecs: must be less than a second", t->clock);
		if (!plan_is_new(plan, CLONE_NEWTIME))
			return WRONG(e, "linux.timeOffsets: needs a new time namespace in linux.namespaces");
	}
	return 0;
}

static int check_net_devices(const struct plan *plan, struct err *e)
{
	for (size_t i = 0; i < plan->config->net_devices.count; i++) {
		const struct net_device *d = &plan->config->net_devices.items[i];

		if (!plan_has_own(plan, CLONE_NEWNET))
			return WRONG(e, "linux.netDevices: needs a network namespace in linux.namespaces");
		if (d->new_name && strchr(d->new_name, '%'))
			return WRONG(e, "linux.netDevices.%s.name: a pattern ('%s') is not supported by bunk", d->name, d->new_name);
	}
	return 0;
}

static int check_seccomp(struct plan *plan, struct err *e)
{
	const struct seccomp_config *s = &plan->config->seccomp;

	if (str_equal(s->default_action, "SCMP_ACT_NOTIFY"))
		return WRONG(e, "linux.seccomp.defaultAction: cannot be SCMP_ACT_NOTIFY, as the runtime itself could not go on");
	for (size_t i = 0; i < s->rules.count; i++) {
		const struct seccomp_rule *rule = &s->rules.items[i];

		if (!rule->names.count)
			return WRONG(e, "linux.seccomp.syscalls[%zu].names: is empty", i);
		if (!str_equal(rule->action, "SCMP_ACT_NOTIFY"))
			continue;
		plan->filter.notify = true;
		for (size_t k = 0; k < rule->names.count; k++)
			if (str_equal(rule->names.items[k], "sendmsg")) // with it the descriptor is handed over
				return WRONG(e, "linux.seccomp.syscalls[%zu].names[%zu]: 'sendmsg' cannot have SCMP_ACT_NOTIFY", i, k);
	}
	if (plan->filter.notify && (!s->listener_path || !*s->listener_path))
		return WRONG(e, "linux.seccomp.listenerPath: is needed for SCMP_ACT_NOTIFY");
	if (s->listener_metadata && *s->listener_metadata && (!s->listener_path || !*s->listener_path))
		return WRONG(e, "linux.seccomp.listenerMetadata: needs listenerPath");
	return 0;
}

static int check_names(const struct plan *plan, struct err *e)
{
	const struct config *c = plan->config;

	if (c->hostname && *c->hostname && !plan_has_own(plan, CLONE_NEWUTS))
		return WRONG(e, "hostname: needs a uts namespace in linux.namespaces");
	if (c->domainname && *c->domainname && !plan_has_own(plan, CLONE_NEWUTS))
		return WRONG(e, "domainname: needs a uts namespace in linux.namespaces");
	return 0;
}

static int check_rest(struct plan *plan, struct err *e)
{
	const struct config *c = plan->config;
	int r = check_names(plan, e);

	if (r == 0)
		r = plan_sysctls(plan, e);
	if (r == 0)
		r = check_hooks(c, e);
	if (r == 0)
		r = check_paths(&c->masked, "maskedPaths", e);
	if (r == 0)
		r = check_paths(&c->readonly, "readonlyPaths", e);
	if (r == 0)
		r = plan_personality(plan, e);
	if (r == 0)
		r = check_devices(c, e);
	if (r == 0)
		r = check_time_offsets(plan, e);
	if (r == 0)
		r = check_net_devices(plan, e);
	if (r == 0)
		r = plan_memory_policy(plan, e);
	return r;
}

int plan_make_seccomp(struct plan *plan, struct err *e)
{
	int r = plan->config->seccomp.given ? check_seccomp(plan, e) : 0;

	return r < 0 || !plan->config->seccomp.given ? r : filter_compile(&plan->filter, &plan->pool, &plan->config->seccomp, e);
}

int plan_make(struct plan *plan, const struct config *config, struct err *e)
{
	plan->config = config;
	int r = check_version(config->oci_version, e);
	if (r == 0 && !config->has_process)
		r = WRONG(e, "process: is missing");
	if (r == 0)
		r = plan_namespaces(plan, e);
	if (r == 0)
		r = plan_users(plan, e);
	if (r == 0)
		r = plan_mounts(plan, e);
	if (r == 0)
		r = check_mount_namespace(plan, e);
	if (r == 0)
		r = plan_make_process(plan, &config->process, e);
	if (r == 0)
		r = check_rest(plan, e);
	return r < 0 ? r : plan_make_seccomp(plan, e);
}

void plan_done(struct plan *plan)
{
	pool_done(&plan->pool);
	*plan = (struct plan){0};
}
