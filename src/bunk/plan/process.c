// SPDX-License-Identifier: LGPL-2.1-or-later
// The process of a plan (config.md "Process"): limits, capabilities, priorities, CPUs. Changes nothing and needs no
// privileges.
#include <errno.h>
#include <linux/ioprio.h>
#include <linux/mempolicy.h>
#include <sched.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "bunk/read/config.h"
#include "bunk/read/reader.h"
#include "caps.h"
#include "plan.h"

enum { GROUPS_LIMIT = 65536 }; // the kernel's NGROUPS_MAX, which not every C library defines

#define WRONG(E, ...) err_msg(E, EINVAL, "config.json: " __VA_ARGS__)

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
			return WRONG(e, "process.rlimits[%zu].type: unknown limit '%s'", i, l->type);
		if (l->soft > l->hard)
			return WRONG(e, "process.rlimits[%zu].soft: is above hard", i);
		for (size_t k = 0; k < out->rlimit_count; k++)
			if (out->rlimits[k].resource == resource)
				return WRONG(e, "process.rlimits[%zu].type: duplicate '%s'", i, l->type);
		out->rlimits[out->rlimit_count++] =
			(struct plan_rlimit){.resource = resource, .limit = {.rlim_cur = l->soft, .rlim_max = l->hard}};
	}
	return 0;
}

// config.md "Linux Process", capabilities: one that cannot be granted is only logged as a warning.
static uint64_t cap_set(const struct texts *names, const char **unknown)
{
	uint64_t bits = 0;

	for (size_t i = 0; i < names->count; i++) {
		int number = caps_number(names->items[i]);

		if (number >= 0)
			bits |= 1ull << number;
		else
			*unknown = names->items[i];
	}
	return bits;
}

static void plan_caps(struct plan_caps *out, const struct process_config *p)
{
	*out = (struct plan_caps){.given = true};
	out->bounding = cap_set(&p->caps.bounding, &out->unknown);
	out->effective = cap_set(&p->caps.effective, &out->unknown);
	out->permitted = cap_set(&p->caps.permitted, &out->unknown);
	out->inheritable = cap_set(&p->caps.inheritable, &out->unknown);
	out->ambient = cap_set(&p->caps.ambient, &out->unknown);
}

// A name in config.json and its number.
struct word {
	const char *name;
	int value;
};

static const struct word *find_word(const struct word *words, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (str_equal(words[i].name, name))
			return &words[i];
	return NULL;
}
#define FIND_WORD(WORDS, NAME) find_word(WORDS, ARRAY_SIZE(WORDS), NAME)

static int plan_io_priority(struct plan *plan, const struct process_config *p, struct err *e)
{
	static const struct word classes[] = {{"IOPRIO_CLASS_NONE", IOPRIO_CLASS_NONE},
	                                      {"IOPRIO_CLASS_RT", IOPRIO_CLASS_RT},
	                                      {"IOPRIO_CLASS_BE", IOPRIO_CLASS_BE},
	                                      {"IOPRIO_CLASS_IDLE", IOPRIO_CLASS_IDLE}};
	const struct word *class = FIND_WORD(classes, p->io_class);

	if (!p->io_class)
		return p->io_priority.given ? WRONG(e, "process.ioPriority.class: is missing") : 0;
	if (!class)
		return WRONG(e, "process.ioPriority.class: unknown class '%s'", p->io_class);
	if (p->io_priority.value < 0 || p->io_priority.value > 7)
		return WRONG(e, "process.ioPriority.priority: must be 0 to 7");
	plan->process.io_priority = (int)IOPRIO_PRIO_VALUE(class->value, (unsigned)p->io_priority.value);
	return 0;
}

// sched_setattr(2); values of linux/sched.h, whose names not every C library defines.
static const struct word policies[] = {{"SCHED_OTHER", 0}, {"SCHED_FIFO", 1}, {"SCHED_RR", 2},      {"SCHED_BATCH", 3},
				       {"SCHED_ISO", 4},   {"SCHED_IDLE", 5}, {"SCHED_DEADLINE", 6}};
static const struct word scheduler_flags[] = {
	{"SCHED_FLAG_RESET_ON_FORK", 0x01},  {"SCHED_FLAG_RECLAIM", 0x02},	{"SCHED_FLAG_DL_OVERRUN", 0x04},
	{"SCHED_FLAG_KEEP_POLICY", 0x08},    {"SCHED_FLAG_KEEP_PARAMS", 0x10},	{"SCHED_FLAG_UTIL_CLAMP_MIN", 0x20},
	{"SCHED_FLAG_UTIL_CLAMP_MAX", 0x40},
};

static int plan_scheduler(struct plan *plan, const struct process_config *p, struct err *e)
{
	struct plan_scheduler *out = &plan->process.scheduler;
	const struct word *policy = FIND_WORD(policies, p->scheduler.policy), *flag;

	if (!p->scheduler.policy || !*p->scheduler.policy)
		return 0;
	if (!policy)
		return WRONG(e, "process.scheduler.policy: unknown policy '%s'", p->scheduler.policy);
	if (p->scheduler.nice.value < -20 || p->scheduler.nice.value > 19)
		return WRONG(e, "process.scheduler.nice: must be -20 to 19");
	if (p->scheduler.priority.value < 0 || p->scheduler.priority.value > 99)
		return WRONG(e, "process.scheduler.priority: must be 0 to 99");
	*out = (struct plan_scheduler){.size = sizeof(*out),
	                               .policy = (uint32_t)policy->value,
	                               .nice = (int32_t)p->scheduler.nice.value,
	                               .priority = (uint32_t)p->scheduler.priority.value,
	                               .runtime = p->scheduler.runtime,
	                               .deadline = p->scheduler.deadline,
	                               .period = p->scheduler.period};
	for (size_t i = 0; i < p->scheduler.flags.count; i++) {
		if (!(flag = FIND_WORD(scheduler_flags, p->scheduler.flags.items[i])))
			return WRONG(e, "process.scheduler.flags[%zu]: unknown flag '%s'", i, p->scheduler.flags.items[i]);
		out->flags |= (uint64_t)flag->value;
	}
	return 0;
}

static int number_below(const char *text, size_t n, size_t end, size_t *value)
{
	auto_free char *part = mem_strndup(text, n);
	uint64_t number;

	if (str_to_u64(part, &number) < 0 || number >= end)
		return -EINVAL;
	*value = (size_t)number;
	return 0;
}

int plan_list(const char *text, unsigned long *bits, size_t end)
{
	const size_t width = sizeof(*bits) * 8;

	do {
		size_t n = strcspn(text, ","), dash = strcspn(text, "-,"), first, last;

		if (number_below(text, dash, end, &first) < 0)
			return -EINVAL;
		last = first;
		if (dash < n && number_below(text + dash + 1, n - dash - 1, end, &last) < 0)
			return -EINVAL;
		if (last < first)
			return -EINVAL;
		for (size_t i = first; i <= last; i++)
			bits[i / width] |= 1ul << i % width;
		text += n;
	} while (*text++);
	return 0;
}

static int plan_affinity(struct plan *plan, const struct process_config *p, struct err *e)
{
	struct plan_process *out = &plan->process;

	out->initial_given = p->cpu_initial && *p->cpu_initial;
	out->final_given = p->cpu_final && *p->cpu_final;
	if (out->initial_given && plan_list(p->cpu_initial, out->initial, PLAN_CPUS) < 0)
		return WRONG(e, "process.execCPUAffinity.initial: invalid list of CPUs '%s' (for example 0-3,7)",
		             p->cpu_initial);
	if (out->final_given && plan_list(p->cpu_final, out->final, PLAN_CPUS) < 0)
		return WRONG(e, "process.execCPUAffinity.final: invalid list of CPUs '%s' (for example 0-3,7)", p->cpu_final);
	return 0;
}

static const struct word memory_modes[] = {{"MPOL_DEFAULT", MPOL_DEFAULT},
				    {"MPOL_PREFERRED", MPOL_PREFERRED},
				    {"MPOL_BIND", MPOL_BIND},
				    {"MPOL_INTERLEAVE", MPOL_INTERLEAVE},
				    {"MPOL_LOCAL", MPOL_LOCAL},
				    {"MPOL_PREFERRED_MANY", 5},
				    {"MPOL_WEIGHTED_INTERLEAVE", 6}};
static const struct word memory_flags[] = {{"MPOL_F_STATIC_NODES", MPOL_F_STATIC_NODES},
				    {"MPOL_F_RELATIVE_NODES", MPOL_F_RELATIVE_NODES},
				    {"MPOL_F_NUMA_BALANCING", MPOL_F_NUMA_BALANCING}};

const char *plan_memory_mode(size_t i)
{
	return i < ARRAY_SIZE(memory_modes) ? memory_modes[i].name : NULL;
}

const char *plan_memory_flag(size_t i)
{
	return i < ARRAY_SIZE(memory_flags) ? memory_flags[i].name : NULL;
}

int plan_memory_policy(struct plan *plan, struct err *e)
{
	const struct memory_policy *m = &plan->config->memory_policy;
	const struct word *mode = FIND_WORD(memory_modes, m->mode), *flag;

	if (!m->given)
		return 0;
	if (!mode)
		return WRONG(e, "linux.memoryPolicy.mode: unknown mode '%s'", m->mode);
	plan->memory_mode = mode->value;
	for (size_t i = 0; i < m->flags.count; i++) {
		if (!(flag = FIND_WORD(memory_flags, m->flags.items[i])))
			return WRONG(e, "linux.memoryPolicy.flags[%zu]: unknown flag '%s'", i, m->flags.items[i]);
		plan->memory_mode |= flag->value;
	}
	plan->memory_nodes_given = m->nodes && *m->nodes;
	if (plan->memory_nodes_given && plan_list(m->nodes, plan->memory_nodes, PLAN_NODES) < 0)
		return WRONG(e, "linux.memoryPolicy.nodes: invalid list of nodes '%s' (for example 0-3,7)", m->nodes);
	return 0;
}

static int check_process(const struct process_config *p, struct err *e)
{
	if (!p->args.count || !*p->args.items[0])
		return WRONG(e, "process.args: must contain at least the program");
	if (p->cwd[0] != '/')
		return WRONG(e, "process.cwd: '%s' is not absolute", p->cwd);
	if (p->oom_score.given && (p->oom_score.value < -1000 || p->oom_score.value > 1000))
		return WRONG(e, "process.oomScoreAdj: must be -1000 to 1000");
	if (p->umask.given && (p->umask.value < 0 || p->umask.value > 0777))
		return WRONG(e, "process.user.umask: must be 0 to 511 (0777)");
	if (p->groups.count > GROUPS_LIMIT)
		return WRONG(e, "process.user.additionalGids: too many groups (%zu, limit %d)", p->groups.count,
		             GROUPS_LIMIT);
	return 0;
}

int plan_make_process(struct plan *plan, const struct process_config *p, struct err *e)
{
	int r = check_process(p, e);

	plan->process.config = p;
	plan_caps(&plan->process.caps, p);
	if (r == 0)
		r = plan_rlimits(plan, p, e);
	if (r == 0)
		r = plan_io_priority(plan, p, e);
	if (r == 0)
		r = plan_scheduler(plan, p, e);
	return r < 0 ? r : plan_affinity(plan, p, e);
}

