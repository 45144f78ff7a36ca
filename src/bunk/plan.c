// SPDX-License-Identifier: LGPL-2.1-or-later
// From a configuration to the kernel's numbers: see bunk/plan.h. Touches nothing and needs no privileges.
#include "bunk/plan.h"

#include <errno.h>
#include <limits.h>
#include <linux/ioprio.h>
#include <linux/mount.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>

#include "base/mem.h"
#include "base/str.h"
#include "bunk/caps.h"
#include "bunk/reader.h"
#include "bunk/filter.h"

#define WRONG(E, ...) err_msg(E, EINVAL, "config.json: " __VA_ARGS__)

static const struct namespace_name {
	const char *type, *file;
	int flag;
} namespace_names[] = {
	{"user", "user", CLONE_NEWUSER},      {"pid", "pid", CLONE_NEWPID}, {"network", "net", CLONE_NEWNET}, {"mount", "mnt", CLONE_NEWNS},
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
	if (!plan_is_new(plan, CLONE_NEWNS))
		return WRONG(e, "linux.namespaces: a new mount namespace is needed (add {\"type\": \"mount\"})");
	return 0;
}

static int check_maps(const struct id_maps *maps, const char *name, bool wanted, struct err *e)
{
	if (!wanted && maps->count)
		return WRONG(e, "linux.%s: needs a new user namespace in linux.namespaces", name);
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

// After the attributes and their recursive twins the other words that plan_mount() understands.
const char *plan_mount_option(size_t i)
{
	static const char *const others[] = {"bind",	"rbind",   "tmpcopyup", "private", "rprivate",
					     "slave",	"rslave",  "shared",	"rshared", "unbindable", "runbindable"};

	if (i < ARRAY_SIZE(mount_options))
		return mount_options[i].name;
	i -= ARRAY_SIZE(mount_options);
	return i < ARRAY_SIZE(others) ? others[i] : NULL;
}

static const struct mount_option *find_option(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(mount_options); i++)
		if (str_equal(mount_options[i].name, name))
			return &mount_options[i];
	return NULL;
}

static bool take_attribute(struct plan_mount *m, const char *option)
{
	const struct mount_option *o = find_option(option);

	if (o) {
		m->set = (m->set & ~o->clear) | o->set;
		m->clear = (m->clear & ~o->set) | o->clear;
		return true;
	}
	if (option[0] != 'r' || !(o = find_option(option + 1)))
		return false;
	m->set_below = (m->set_below & ~o->clear) | o->set;
	m->clear_below = (m->clear_below & ~o->set) | o->clear;
	return true;
}

static bool take_propagation(struct plan_mount *m, const char *option)
{
	uint64_t own = propagation_of(option), below = option[0] == 'r' ? propagation_of(option + 1) : 0;

	if (!own && !below)
		return false;
	m->propagation = own ? own : below;
	m->propagation_below = below;
	return true;
}

static bool take_kind(struct plan_mount *m, const char *option)
{
	if (str_equal(option, "bind"))
		m->bind = true;
	else if (str_equal(option, "rbind"))
		m->bind = m->recursive_bind = true;
	else if (str_equal(option, "tmpcopyup"))
		m->copy_up = true;
	else
		return false;
	return true;
}

static int plan_mount(struct plan *plan, size_t i, struct err *e)
{
	const struct mount_entry *entry = &plan->config->mounts.items[i];
	struct plan_mount *m = &plan->mounts[i];

	m->entry = entry;
	m->data = pool_new(&plan->pool, entry->options.count, sizeof(*m->data));
	m->bind = str_equal(entry->type, "bind");
	m->cgroup = str_equal(entry->type, "cgroup") || str_equal(entry->type, "cgroup2");
	if (!*entry->destination)
		return WRONG(e, "mounts[%zu].destination: is empty", i);
	for (size_t k = 0; k < entry->options.count; k++) {
		const char *option = entry->options.items[k];

		if (str_equal(option, "idmap") || str_equal(option, "ridmap"))
			return WRONG(e, "mounts[%zu].options[%zu]: '%s' is not supported by bunk", i, k, option);
		if (!take_kind(m, option) && !take_propagation(m, option) && !take_attribute(m, option))
			m->data[m->data_count++] = option;
	}
	if (m->bind && m->data_count)
		return WRONG(e, "mounts[%zu].options: '%s' is no option of a bind mount", i, m->data[0]);
	if (m->bind && (!entry->source || !*entry->source))
		return WRONG(e, "mounts[%zu].source: is needed for a bind mount", i);
	if (!m->bind && (!entry->type || !*entry->type))
		return WRONG(e, "mounts[%zu].type: is missing", i);
	if (m->copy_up && !str_equal(entry->type, "tmpfs"))
		return WRONG(e, "mounts[%zu].options: 'tmpcopyup' is for tmpfs only", i);
	return 0;
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
	return 0;
}

static const struct rlimit_name {
	const char *name;
	int resource;
} rlimit_names[] = {
	{"RLIMIT_AS", RLIMIT_AS},
	{"RLIMIT_CORE", RLIMIT_CORE},
	{"RLIMIT_CPU", RLIMIT_CPU},
	{"RLIMIT_DATA", RLIMIT_DATA},
	{"RLIMIT_FSIZE", RLIMIT_FSIZE},
	{"RLIMIT_LOCKS", RLIMIT_LOCKS},
	{"RLIMIT_MEMLOCK", RLIMIT_MEMLOCK},
	{"RLIMIT_MSGQUEUE", RLIMIT_MSGQUEUE},
	{"RLIMIT_NICE", RLIMIT_NICE},
	{"RLIMIT_NOFILE", RLIMIT_NOFILE},
	{"RLIMIT_NPROC", RLIMIT_NPROC},
	{"RLIMIT_RSS", RLIMIT_RSS},
	{"RLIMIT_RTPRIO", RLIMIT_RTPRIO},
	{"RLIMIT_RTTIME", RLIMIT_RTTIME},
	{"RLIMIT_SIGPENDING", RLIMIT_SIGPENDING},
	{"RLIMIT_STACK", RLIMIT_STACK},
};

static int rlimit_number(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(rlimit_names); i++)
		if (str_equal(rlimit_names[i].name, name))
			return rlimit_names[i].resource;
	return -1;
}

static int plan_rlimits(struct plan *plan, const struct process_config *p, struct err *e)
{
	struct plan_process *out = &plan->process;

	out->rlimits = pool_new(&plan->pool, p->rlimits.count, sizeof(*out->rlimits));
	for (size_t i = 0; i < p->rlimits.count; i++) {
		const struct rlimit_entry *l = &p->rlimits.items[i];
		int resource = rlimit_number(l->type);

		if (resource < 0)
			return WRONG(e, "process.rlimits[%zu].type: '%s' is not known", i, l->type);
		if (l->soft > l->hard)
			return WRONG(e, "process.rlimits[%zu].soft: is above hard", i);
		for (size_t k = 0; k < out->rlimit_count; k++)
			if (out->rlimits[k].resource == resource)
				return WRONG(e, "process.rlimits[%zu].type: '%s' stands there twice", i, l->type);
		out->rlimits[out->rlimit_count++] =
			(struct plan_rlimit){.resource = resource, .limit = {.rlim_cur = l->soft, .rlim_max = l->hard}};
	}
	return 0;
}

static int plan_cap_set(uint64_t *bits, const struct texts *names, const char *set, struct err *e)
{
	for (size_t i = 0; i < names->count; i++) {
		int number = caps_number(names->items[i]);

		if (number < 0)
			return WRONG(e, "process.capabilities.%s[%zu]: no capability is called '%s'", set, i, names->items[i]);
		*bits |= 1ull << number;
	}
	return 0;
}

static int plan_caps(struct plan_caps *out, const struct process_config *p, struct err *e)
{
	int r = plan_cap_set(&out->bounding, &p->caps.bounding, "bounding", e);

	if (r == 0)
		r = plan_cap_set(&out->effective, &p->caps.effective, "effective", e);
	if (r == 0)
		r = plan_cap_set(&out->permitted, &p->caps.permitted, "permitted", e);
	if (r == 0)
		r = plan_cap_set(&out->inheritable, &p->caps.inheritable, "inheritable", e);
	if (r == 0)
		r = plan_cap_set(&out->ambient, &p->caps.ambient, "ambient", e);
	out->given = true;
	return r;
}

static int plan_priority(struct plan *plan, const struct process_config *p, struct err *e)
{
	static const char *const classes[] = {"IOPRIO_CLASS_NONE", "IOPRIO_CLASS_RT", "IOPRIO_CLASS_BE", "IOPRIO_CLASS_IDLE"};

	if (p->scheduler.policy && *p->scheduler.policy && !str_equal(p->scheduler.policy, "SCHED_OTHER"))
		return WRONG(e, "process.scheduler.policy: '%s' is not supported by bunk", p->scheduler.policy);
	if ((p->cpu_initial && *p->cpu_initial) || (p->cpu_final && *p->cpu_final))
		return WRONG(e, "process.execCPUAffinity: is not supported by bunk");
	if (!p->io_class)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(classes); i++) {
		if (!str_equal(classes[i], p->io_class))
			continue;
		if (p->io_priority.value < 0 || p->io_priority.value > 7)
			return WRONG(e, "process.ioPriority.priority: must be 0 to 7");
		plan->process.io_priority = (int)IOPRIO_PRIO_VALUE(i, (unsigned)p->io_priority.value);
		return 0;
	}
	return WRONG(e, "process.ioPriority.class: '%s' is not known", p->io_class);
}

static int check_process(const struct process_config *p, struct err *e)
{
	if (!p->args.count || !*p->args.items[0])
		return WRONG(e, "process.args: needs at least the program");
	if (p->cwd[0] != '/')
		return WRONG(e, "process.cwd: '%s' is not absolute", p->cwd);
	if (p->apparmor && *p->apparmor && !str_equal(p->apparmor, "unconfined"))
		return WRONG(e, "process.apparmorProfile: is not supported by bunk");
	if (p->selinux && *p->selinux)
		return WRONG(e, "process.selinuxLabel: is not supported by bunk");
	if (p->oom_score.given && (p->oom_score.value < -1000 || p->oom_score.value > 1000))
		return WRONG(e, "process.oomScoreAdj: must be -1000 to 1000");
	if (p->umask.given && (p->umask.value < 0 || p->umask.value > 0777))
		return WRONG(e, "process.user.umask: must be 0 to 511 (0777)");
	return 0;
}

int plan_make_process(struct plan *plan, const struct process_config *p, struct err *e)
{
	int r = check_process(p, e);

	plan->process.config = p;
	if (r == 0)
		r = plan_caps(&plan->process.caps, p, e);
	if (r == 0)
		r = plan_rlimits(plan, p, e);
	return r < 0 ? r : plan_priority(plan, p, e);
}

static int check_version(const char *version, struct err *e)
{
	if (strncmp(version, "1.", 2) == 0)
		return 0;
	return WRONG(e, "ociVersion: '%s' is not 1.x, which is what bunk knows", version);
}

// Only what belongs to a namespace of the container's own may be set: anything else would change the host.
static int check_sysctl(const struct plan *plan, size_t i, struct err *e)
{
	static const struct owned {
		const char *prefix;
		int flag;
	} owned[] = {{"net.", CLONE_NEWNET}, {"net/", CLONE_NEWNET}, {"fs.mqueue.", CLONE_NEWIPC}, {"kernel.msg", CLONE_NEWIPC},
		     {"kernel.sem", CLONE_NEWIPC}, {"kernel.shm", CLONE_NEWIPC}, {"kernel.domainname", CLONE_NEWUTS},
		     {"kernel.hostname", CLONE_NEWUTS}};
	const char *name = plan->config->sysctl.items[i].name;
	bool joined = false;

	if (strstr(name, ".."))
		return WRONG(e, "linux.sysctl: '%s' is not a sysctl's name", name);
	for (size_t k = 0; k < ARRAY_SIZE(owned); k++) {
		if (!str_starts(name, owned[k].prefix))
			continue;
		for (size_t j = 0; j < plan->join_count; j++)
			joined |= plan->joins[j].flag == owned[k].flag;
		if (joined || plan_is_new(plan, owned[k].flag))
			return 0;
		return WRONG(e, "linux.sysctl: '%s' needs a new namespace of type %s", name, plan_namespace_file(owned[k].flag));
	}
	return WRONG(e, "linux.sysctl: '%s' belongs to no namespace, so it would change the host", name);
}

static int check_rest(const struct plan *plan, struct err *e)
{
	const struct config *c = plan->config;

	if (c->hostname && *c->hostname && !plan_is_new(plan, CLONE_NEWUTS))
		return WRONG(e, "hostname: needs a new uts namespace in linux.namespaces");
	if (c->domainname && *c->domainname && !plan_is_new(plan, CLONE_NEWUTS))
		return WRONG(e, "domainname: needs a new uts namespace in linux.namespaces");
	if (c->mount_label && *c->mount_label)
		return WRONG(e, "linux.mountLabel: is not supported by bunk");
	if (c->personality && !str_equal(c->personality, "LINUX"))
		return WRONG(e, "linux.personality.domain: '%s' is not supported by bunk", c->personality);
	for (size_t i = 0; i < c->sysctl.count; i++) {
		int r = check_sysctl(plan, i, e);

		if (r < 0)
			return r;
	}
	for (int k = 0; k < HOOK_KINDS; k++)
		for (size_t i = 0; i < c->hooks[k].count; i++)
			if (c->hooks[k].items[i].path[0] != '/')
				return WRONG(e, "hooks: path '%s' is not absolute", c->hooks[k].items[i].path);
	return 0;
}

int plan_make(struct plan *plan, const struct config *config, int filters, struct err *e)
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
		r = plan_make_process(plan, &config->process, e);
	if (r == 0)
		r = check_rest(plan, e);
	return r < 0 || !config->seccomp.given ? r : filter_compile(plan, &config->seccomp, filters, e);
}

void plan_done(struct plan *plan)
{
	pool_done(&plan->pool);
	*plan = (struct plan){0};
}
