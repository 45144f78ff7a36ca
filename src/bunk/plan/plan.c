// SPDX-License-Identifier: LGPL-2.1-or-later
// Translates a configuration to the kernel's constants: see plan.h. Changes nothing and needs no privileges.
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
			return WRONG(e,
			             "linux.namespaces[%zu].type: unknown type '%s' "
			             "(types: user, pid, network, mount, ipc, uts, cgroup, time)",
			             i, n->type);
		if (seen & (unsigned)flag)
			return WRONG(e, "linux.namespaces[%zu].type: duplicate '%s'", i, n->type);
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

// In a mount namespace of others, a mount would be visible to all its processes and outlive the container.
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
			return WRONG(e, "%s: needs a new mount namespace (add {\"type\": \"mount\"} to linux.namespaces)",
			             needs[i].name);
	return 0;
}

// Engines also pass mappings when the user namespace is joined by path or not requested; those are ignored.
static int check_maps(const struct id_maps *maps, const char *name, bool wanted, struct err *e)
{
	if (wanted && !maps->count)
		return WRONG(e, "linux.%s: required for a new user namespace", name);
	for (size_t i = 0; i < maps->count; i++)
		if (maps->items[i].size == 0)
			return WRONG(e, "linux.%s[%zu].size: must be greater than 0", name, i);
	return 0;
}

static int plan_users(struct plan *plan, struct err *e)
{
	bool user = plan_is_new(plan, CLONE_NEWUSER);
	int r = check_maps(&plan->config->uids, "uidMappings", user, e);

	return r < 0 ? r : check_maps(&plan->config->gids, "gidMappings", user, e);
}

static int check_version(const char *version, struct err *e)
{
	if (strncmp(version, "1.", 2) == 0)
		return 0;
	return WRONG(e, "ociVersion: unsupported version '%s' (supported: 1.x)", version);
}

static int check_hooks(const struct config *c, struct err *e)
{
	for (int k = 0; k < HOOK_KINDS; k++)
		for (size_t i = 0; i < c->hooks[k].count; i++) {
			const struct hook *hook = &c->hooks[k].items[i];

			if (hook->path[0] != '/')
				return WRONG(e, "hooks.%s[%zu].path: '%s' is not absolute", config_hook_name((enum hook_kind)k), i,
				             hook->path);
			if (hook->timeout.given && hook->timeout.value <= 0)
				return WRONG(e, "hooks.%s[%zu].timeout: must be greater than 0", config_hook_name((enum hook_kind)k),
				             i);
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
		return WRONG(e, "linux.personality.flags[0]: unknown flag (none is defined)");
	if (!c->personality)
		return 0;
	if (!str_equal(c->personality, "LINUX") && !str_equal(c->personality, "LINUX32"))
		return WRONG(e, "linux.personality.domain: invalid domain '%s' (LINUX or LINUX32)", c->personality);
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
			return WRONG(e, "linux.devices[%zu].type: invalid type '%s' (c, b, u or p)", i, d->type);
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
			return WRONG(e, "linux.timeOffsets: unknown clock '%s' (clocks: monotonic, boottime)", t->clock);
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
			return WRONG(e, "linux.netDevices.%s.name: patterns like '%s' are not supported", d->name,
			             d->new_name);
	}
	return 0;
}

static int check_seccomp(struct plan *plan, struct err *e)
{
	const struct seccomp_config *s = &plan->config->seccomp;

	if (str_equal(s->default_action, "SCMP_ACT_NOTIFY"))
		return WRONG(e,
		             "linux.seccomp.defaultAction: cannot be SCMP_ACT_NOTIFY (the runtime itself would block)");
	for (size_t i = 0; i < s->rules.count; i++) {
		const struct seccomp_rule *rule = &s->rules.items[i];

		if (!rule->names.count)
			return WRONG(e, "linux.seccomp.syscalls[%zu].names: is empty", i);
		if (!str_equal(rule->action, "SCMP_ACT_NOTIFY"))
			continue;
		plan->filter.notify = true;
		for (size_t k = 0; k < rule->names.count; k++)
			if (str_equal(rule->names.items[k], "sendmsg")) // sends the descriptor
				return WRONG(e, "linux.seccomp.syscalls[%zu].names[%zu]: 'sendmsg' cannot have SCMP_ACT_NOTIFY", i, k);
	}
	if (plan->filter.notify && (!s->listener_path || !*s->listener_path))
		return WRONG(e, "linux.seccomp.listenerPath: required for SCMP_ACT_NOTIFY");
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

	return r < 0 || !plan->config->seccomp.given
	           ? r
	           : filter_compile(&plan->filter, &plan->pool, &plan->config->seccomp, e);
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
