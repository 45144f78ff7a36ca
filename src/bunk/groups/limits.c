// SPDX-License-Identifier: LGPL-2.1-or-later
// Limits of linux.resources: one row per property, with its files on v1 and v2 and the function that formats its
// value (config-linux.md "Control groups"; cgroup-v2.rst).
#include "limits.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "bunk/container/container.h"
#include "device_rules.h"
#include "groups.h"
#include "limit_lists.h"
#include "sys/fs.h"
#include "sys/proc.h"
#include "sys/userns.h"
#include "weights.h"

static char *decimal_text(const struct number *n)
{
	return n->given ? mem_printf("%" PRId64, n->value) : NULL;
}

static char *decimal_or_max(const struct number *n)
{
	if (!n->given)
		return NULL;
	return n->value < 0 ? mem_strdup("max") : mem_printf("%" PRId64, n->value);
}

// Since Linux 5.16 kernel memory is part of the memory limit; engines write 0 for "not set".
static char *kernel_text(const struct resources *r, bool v2)
{
	return (void)v2, r->memory_kernel.value ? decimal_text(&r->memory_kernel) : NULL;
}
static char *kernel_tcp_text(const struct resources *r, bool v2)
{
	return (void)v2, r->memory_kernel_tcp.value ? decimal_text(&r->memory_kernel_tcp) : NULL;
}

static char *text_or_null(const char *text)
{
	return text && *text ? mem_strdup(text) : NULL;
}

// Engines write 0 for "not set".
static char *set_or_max(const struct number *n, bool v2)
{
	return n->value == 0 ? NULL : v2 ? decimal_or_max(n) : decimal_text(n);
}

// One function per property: returns the text to write, owned, or NULL if the limit is not set.
static char *memory_limit(const struct resources *r, bool v2) { return set_or_max(&r->memory_limit, v2); }
static char *reservation_text(const struct resources *r, bool v2) { return set_or_max(&r->memory_reservation, v2); }
static char *no_oom_killer(const struct resources *r, bool v2)
{
	return (void)v2, r->memory_no_oom_killer ? mem_strdup("1") : NULL;
}
static char *quota(const struct resources *r, bool v2)
{
	return (void)v2, r->cpu_quota.value ? decimal_text(&r->cpu_quota) : NULL;
}
static char *period(const struct resources *r, bool v2)
{
	return (void)v2, r->cpu_period.value ? decimal_text(&r->cpu_period) : NULL;
}
static char *burst(const struct resources *r, bool v2) { return (void)v2, decimal_text(&r->cpu_burst); }
static char *idle(const struct resources *r, bool v2) { return (void)v2, decimal_text(&r->cpu_idle); }
static char *rt_period(const struct resources *r, bool v2)
{
	return (void)v2, r->cpu_rt_period.value ? decimal_text(&r->cpu_rt_period) : NULL;
}
static char *rt_runtime(const struct resources *r, bool v2)
{
	return (void)v2, r->cpu_rt_runtime.value ? decimal_text(&r->cpu_rt_runtime) : NULL;
}
static char *cpus_text(const struct resources *r, bool v2) { return (void)v2, text_or_null(r->cpus); }
static char *mems_text(const struct resources *r, bool v2) { return (void)v2, text_or_null(r->mems); }

// Engines write -1 for "unchanged".
static char *swappiness_text(const struct resources *r, bool v2)
{
	(void)v2;
	return r->memory_swappiness.value >= 0 ? decimal_text(&r->memory_swappiness) : NULL;
}

// "swap" in the specification is memory plus swap, like in v1; v2 limits swap alone.
static char *swap_text(const struct resources *r, bool v2)
{
	if (!v2 || !r->memory_swap.given || r->memory_swap.value < 0)
		return r->memory_swap.given && r->memory_swap.value == 0 ? NULL
		       : v2                                              ? decimal_or_max(&r->memory_swap)
		                                                         : decimal_text(&r->memory_swap);
	if (r->memory_swap.value == 0)
		return NULL;
	return mem_printf("%" PRId64, r->memory_swap.value - (r->memory_limit.value > 0 ? r->memory_limit.value : 0));
}

static char *shares_text(const struct resources *r, bool v2)
{
	int64_t value = r->cpu_shares.value;

	if (!r->cpu_shares.given || value == 0)
		return NULL;
	if (!v2)
		return decimal_text(&r->cpu_shares);
	return mem_printf("%" PRId64, weight_of_shares(value));
}

static char *cpu_max(const struct resources *r, bool v2)
{
	(void)v2;
	if (!r->cpu_quota.value && !r->cpu_period.value)
		return NULL;
	auto_free char *first = r->cpu_quota.value > 0 ? mem_printf("%" PRId64, r->cpu_quota.value) : mem_strdup("max");
	return r->cpu_period.value > 0 ? mem_printf("%s %" PRId64, first, r->cpu_period.value) : steal(first);
}

static char *pids_text(const struct resources *r, bool v2)
{
	(void)v2;
	// since version 1.3 of the specification 0 is a valid limit; 1 lets the first process be cloned into the group
	return r->pids_limit.given && r->pids_limit.value == 0 ? mem_strdup("1") : decimal_or_max(&r->pids_limit);
}

static char *io_weight_text(const struct resources *r, bool v2)
{
	if (!r->io_weight.given || r->io_weight.value == 0)
		return NULL;
	return v2 ? mem_printf("%" PRId64, weight_of_blkio(r->io_weight.value)) : decimal_text(&r->io_weight);
}

static char *leaf_weight_text(const struct resources *r, bool v2)
{
	(void)v2;
	return r->io_leaf_weight.value ? decimal_text(&r->io_leaf_weight) : NULL;
}

static const struct limit {
	const char *name; // below linux.resources
	enum cgroup_controller controller;
	const char *v1, *v2; // files, NULL = not available
	char *(*text)(const struct resources *r, bool v2);
} limits[] = {
	{"memory.limit", CGROUP_MEMORY, "memory.limit_in_bytes", "memory.max", memory_limit},
	{"memory.swap", CGROUP_MEMORY, "memory.memsw.limit_in_bytes", "memory.swap.max", swap_text},
	{"memory.reservation", CGROUP_MEMORY, "memory.soft_limit_in_bytes", "memory.low", reservation_text},
	{"memory.kernel", CGROUP_MEMORY, "memory.kmem.limit_in_bytes", NULL, kernel_text},
	{"memory.kernelTCP", CGROUP_MEMORY, "memory.kmem.tcp.limit_in_bytes", NULL, kernel_tcp_text},
	{"memory.swappiness", CGROUP_MEMORY, "memory.swappiness", NULL, swappiness_text},
	{"memory.disableOOMKiller", CGROUP_MEMORY, "memory.oom_control", NULL, no_oom_killer},
	{"cpu.shares", CGROUP_CPU, "cpu.shares", "cpu.weight", shares_text},
	{"cpu.quota", CGROUP_CPU, NULL, "cpu.max", cpu_max},
	{"cpu.period", CGROUP_CPU, "cpu.cfs_period_us", NULL, period},
	{"cpu.quota", CGROUP_CPU, "cpu.cfs_quota_us", NULL, quota},
	{"cpu.burst", CGROUP_CPU, "cpu.cfs_burst_us", "cpu.max.burst", burst},
	{"cpu.idle", CGROUP_CPU, "cpu.idle", "cpu.idle", idle},
	{"cpu.realtimePeriod", CGROUP_CPU, "cpu.rt_period_us", NULL, rt_period},
	{"cpu.realtimeRuntime", CGROUP_CPU, "cpu.rt_runtime_us", NULL, rt_runtime},
	{"cpu.cpus", CGROUP_CPUSET, "cpuset.cpus", "cpuset.cpus", cpus_text},
	{"cpu.mems", CGROUP_CPUSET, "cpuset.mems", "cpuset.mems", mems_text},
	{"pids.limit", CGROUP_PIDS, "pids.max", "pids.max", pids_text},
	{"blockIO.weight", CGROUP_BLKIO, "blkio.bfq.weight", "io.weight", io_weight_text},
	{"blockIO.leafWeight", CGROUP_BLKIO, "blkio.leaf_weight", NULL, leaf_weight_text},
};

// cpu.quota and cpu.period have separate rows for v1 and v2: a row without a file is not an error if another row
// covers the property.
static bool covered_elsewhere(const struct limit *l, bool v2)
{
	return (v2 && l->text == period) || (v2 && l->text == quota) || (!v2 && l->text == cpu_max);
}

static int is_asked(const struct limit_line *line, void *context, struct err *e)
{
	(void)line;
	(void)context;
	(void)e;
	return 1;
}

static int add_controller(const struct limit_line *line, void *context, struct err *e)
{
	*(unsigned *)context |= 1u << line->controller;
	(void)e;
	return 0;
}

bool limits_asked(const struct resources *r)
{
	for (size_t i = 0; i < ARRAY_SIZE(limits); i++) {
		auto_free char *text = limits[i].text(r, false);

		if (text && !(limits[i].text == pids_text && r->pids_limit.value < 0))
			return true;
	}
	return r->unified.count || limits_each_line(r, 0, is_asked, NULL, NULL);
}

unsigned limits_controllers(const struct resources *r)
{
	unsigned mask = r->devices.count ? 1u << CGROUP_DEVICES : 0;

	for (size_t i = 0; i < ARRAY_SIZE(limits); i++) {
		auto_free char *text = limits[i].text(r, false);

		if (text)
			mask |= 1u << limits[i].controller;
	}
	limits_each_line(r, 0, add_controller, &mask, NULL);
	return mask;
}

static int write_limit(const char *directory, const char *file, const char *text)
{
	auto_close int fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? -errno : fs_write_text(fd, file, text);
}

// A disk may be shared by io.cost or, if that is its scheduler, by BFQ, which uses v1's range. Each has its own file.
// Writes both, since either may be in use; before Linux 5.4 there is only BFQ, on old v1 CFQ.
static int write_io_weight(const char *directory, const char *file, const char *text, const struct resources *r,
                           bool v2)
{
	auto_free char *same = decimal_text(&r->io_weight);
	int result = write_limit(directory, file, text);
	int other =
	    v2 || result == -ENOENT ? write_limit(directory, v2 ? "io.bfq.weight" : "blkio.weight", same) : -ENOENT;

	return result == -ENOENT ? other : result;
}

static int64_t read_number_file(const char *directory, const char *file)
{
	auto_free char *path = mem_printf("%s/%s", directory, file);
	char text[32];
	int64_t value;

	if (proc_read_file(path, text, sizeof(text)) <= 0)
		return -1;
	text[strcspn(text, "\n")] = '\0';
	return str_to_i64(text, &value) < 0 ? -1 : value;
}

// A group can only pass on real-time CPU time that it has: from the top down, gives each parent the same share of its
// own period, unless it has more.
static int raise_parents_realtime(const char *directory, const char *top, const struct resources *r)
{
	auto_free char *path = mem_strdup(directory);
	int64_t period =
	    r->cpu_rt_period.value > 0 ? r->cpu_rt_period.value : read_number_file(directory, "cpu.rt_period_us");
	int result = period > 0 ? 0 : -EINVAL;

	for (char *p = path + strlen(top) + 1; result == 0 && (p = strchr(p, '/')); p++) {
		*p = '\0';
		int64_t theirs = read_number_file(path, "cpu.rt_period_us"),
		        needed = (r->cpu_rt_runtime.value * theirs + period - 1) / period;
		auto_free char *text = mem_printf("%" PRId64, needed);
		if (read_number_file(path, "cpu.rt_runtime_us") < needed)
			result = write_limit(path, "cpu.rt_runtime_us", text);
		*p = '/';
	}
	return result;
}

static int apply_limit(const struct groups *g, const struct limit *l, const struct resources *r, struct err *e)
{
	const char *file = g->v2 ? l->v2 : l->v1;
	const char *directory = groups_directory(g, l->controller);
	auto_free char *text = l->text(r, g->v2);

	if (!text || covered_elsewhere(l, g->v2))
		return 0;
	if (!file)
		return err_msg(e, EOPNOTSUPP, "linux.resources.%s: not supported by cgroup %s", l->name, g->v2 ? "v2" : "v1");
	if (!directory)
		return err_msg(e, EOPNOTSUPP, "linux.resources.%s: the container has no control group for '%s'", l->name,
			       cgroup_controller_name(l->controller));
	int result = l->text == io_weight_text ? write_io_weight(directory, file, text, r, g->v2)
	                                       : write_limit(directory, file, text);
	if (result == -EINVAL && l->text == rt_runtime &&
	    raise_parents_realtime(directory, g->layout.v1[CGROUP_CPU], r) == 0)
		result = write_limit(directory, file, text);
	if (result == -ENOENT)
		return err_msg(e, EOPNOTSUPP,
		               "linux.resources.%s: no '%s' in '%s' (is the controller enabled and delegated?)",
		               l->name, file, directory);
	return result < 0 ? err_set(e, -result, "linux.resources.%s: cannot write '%s' to '%s/%s'", l->name, text,
	                            directory, file)
	                  : 0;
}

// v1 enforces limit ≤ memsw.limit at all times: to raise both, memsw.limit must be written first.
static int apply_memory_v1(const struct groups *g, const struct resources *r, struct err *e)
{
	if (apply_limit(g, &limits[0], r, NULL) == 0)
		return apply_limit(g, &limits[1], r, e);
	int result = apply_limit(g, &limits[1], r, e);
	return result < 0 ? result : apply_limit(g, &limits[0], r, e);
}

// The kernel rejects a quota and period that exceed the parent's limit, even between the two writes.
static int apply_bandwidth_v1(const struct groups *g, const struct resources *r, struct err *e)
{
	const struct limit *first = NULL, *second = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(limits); i++) {
		first = limits[i].text == period ? &limits[i] : first;
		second = limits[i].text == quota ? &limits[i] : second;
	}
	if (apply_limit(g, first, r, NULL) == 0)
		return apply_limit(g, second, r, e);
	int result = apply_limit(g, second, r, e);
	return result < 0 ? result : apply_limit(g, first, r, e);
}

static int apply_line(const struct limit_line *line, void *context, struct err *e)
{
	const struct groups *g = context;
	const char *beside = groups_beside(g, line->controller),
	           *directory = beside ? beside : groups_directory(g, line->controller);

	if (!line->file)
		return err_msg(e, EOPNOTSUPP, "linux.resources.%s[%zu]: not supported by cgroup %s", line->name, line->index,
		               g->v2 || beside ? "v2" : "v1");
	if (!directory)
		return err_msg(e, EOPNOTSUPP, "linux.resources.%s[%zu]: the container has no control group for '%s'",
		               line->name, line->index, cgroup_controller_name(line->controller));
	int result = write_limit(directory, line->file, line->text);
	if (line->other_file) {
		int other = write_limit(directory, line->other_file, line->other_text ? line->other_text : line->text);
		result = other == 0 || result == -ENOENT ? other : result;
	}
	if (result == -ENOENT && line->optional)
		return 0;
	if (result == -ENOENT)
		return err_msg(e, EOPNOTSUPP,
		               "linux.resources.%s[%zu]: no '%s' in '%s' (is the controller enabled and delegated?)",
		               line->name, line->index, line->file, directory);
	return result < 0 ? err_set(e, -result, "linux.resources.%s[%zu]: cannot write '%s' to '%s/%s'", line->name,
	                            line->index, line->text, directory, line->file)
	                  : 0;
}

static int apply_unified(const struct groups *g, const struct resources *r, struct err *e)
{
	if (r->unified.count && !g->v2)
		return err_msg(e, EOPNOTSUPP, "linux.resources.unified: needs a host with cgroup v2 only");
	for (size_t i = 0; i < r->unified.count; i++) {
		const struct name_value *u = &r->unified.items[i];

		if (strchr(u->name, '/') || !strchr(u->name, '.') || str_starts(u->name, "cgroup."))
			return err_msg(e, EINVAL, "linux.resources.unified: '%s' is not a file of a controller", u->name);
		int result = write_limit(g->joined.items[0], u->name, u->value);
		if (result == -ENOENT)
			return err_msg(
			    e, EOPNOTSUPP,
			    "linux.resources.unified: no '%s' in '%s' (is the controller enabled and delegated?)",
			    u->name, g->joined.items[0]);
		if (result < 0)
			return err_set(e, -result, "linux.resources.unified: cannot write '%s' to '%s'", u->value, u->name);
	}
	return 0;
}

static int check_swap(const struct resources *r, struct err *e)
{
	if (r->memory_swap.value <= 0 || r->memory_limit.value <= 0 || r->memory_swap.value >= r->memory_limit.value)
		return 0;
	return err_msg(e, EINVAL,
	               "linux.resources.memory.swap: cannot be below memory.limit (it is memory plus swap)");
}

// With a limit below the current use, the kernel would OOM-kill on v2; on v1 it rejects the limit itself.
static int check_use(const struct groups *g, const struct resources *r, struct err *e)
{
	char text[32];
	uint64_t used;

	if (!g->v2 || !r->memory_check_before || r->memory_limit.value <= 0)
		return 0;
	auto_free char *file = mem_printf("%s/memory.current", g->joined.items[0]);
	if (proc_read_file(file, text, sizeof(text)) <= 0)
		return 0;
	text[strcspn(text, "\n")] = '\0';
	if (str_to_u64(text, &used) < 0 || used <= (uint64_t)r->memory_limit.value)
		return 0;
	return err_msg(e, EBUSY,
	               "linux.resources.memory.limit: %" PRId64 " is below the %" PRIu64
	               " bytes in use (checkBeforeUpdate)",
	               r->memory_limit.value, used);
}

// Setting device rules needs privileges on the host. In a user namespace no device can be created, so only bound ones
// can be used, which is what the usual rule of engines, deny all, is for. Warns if there are other rules.
static int apply_devices(const struct container *c, const struct resources *r, struct err *e)
{
	const struct groups *g = &c->groups;

	if (userns_is_host_root() && g->joined.count)
		return device_rules_apply(g->v2 ? g->joined.items[0] : groups_directory(g, CGROUP_DEVICES), g->v2, r, e);
	if (c->b->warn && (r->devices.count > 1 || r->devices.items[0].allow))
		c->b->warn(c->b->context,
		           userns_is_host_root()
		               ? "linux.resources.devices: ignored: the container has no control group"
		               : "linux.resources.devices: ignored: only root on the host can set device rules");
	return 0;
}

// Removing the memory limit also removes the limit for memory plus swap, which on v1 cannot be lower.
static void lift_swap(const struct groups *g, struct resources *r)
{
	const char *directory = groups_directory(g, CGROUP_MEMORY);
	auto_free char *file =
	    mem_printf("%s/%s", directory ? directory : "", g->v2 ? "memory.swap.max" : "memory.memsw.limit_in_bytes");

	if (r->memory_limit.value < 0 && r->memory_swap.value == 0 && directory && access(file, F_OK) == 0)
		r->memory_swap = (struct number){.given = true, .value = -1};
}

void limits_complete(const struct groups *g, struct resources *r)
{
	lift_swap(g, r);
	if (!g->v2 || !g->joined.count)
		return;
	auto_free char *file = mem_printf("%s/cpu.max", g->joined.items[0]);
	char text[64];
	long long quota = -1, period = 0;
	if (proc_read_file(file, text, sizeof(text)) > 0 &&
	    (sscanf(text, "max %lld", &period) == 1 || sscanf(text, "%lld %lld", &quota, &period) == 2)) {
		r->cpu_quota.value = r->cpu_quota.given ? r->cpu_quota.value : quota;
		r->cpu_period.value = r->cpu_period.given ? r->cpu_period.value : period;
	}
	if (!r->memory_limit.given)
		r->memory_limit.value = read_number_file(g->joined.items[0], "memory.max");
}

// Bit mask of the controllers that R needs and that are on v2: on a hybrid host, those on its v2 tree.
static unsigned v2_controllers(const struct groups *g, const struct resources *r)
{
	unsigned asked = g->v2 ? 0 : limits_controllers(r), found = 0;

	for (unsigned k = 0; k < CGROUP_CONTROLLERS; k++)
		found |= asked & 1u << k && groups_beside(g, (enum cgroup_controller)k) ? 1u << k : 0;
	return g->v2 ? ~0u : found;
}

int limits_apply(const struct container *c, const struct resources *r, struct err *e)
{
	const struct groups *g = &c->groups;
	int result = check_swap(r, e);

	if (result == 0 && g->joined.count) {
		result = check_use(g, r, e);
		if (result == 0 && !g->v2)
			result = apply_memory_v1(g, r, e);
		if (result == 0 && !g->v2)
			result = apply_bandwidth_v1(g, r, e);
		for (size_t i = g->v2 ? 0 : 2; result == 0 && i < ARRAY_SIZE(limits); i++)
			result =
			    !g->v2 && (limits[i].text == period || limits[i].text == quota) ? 0 : apply_limit(g, &limits[i], r, e);
		if (result == 0)
			result = limits_each_line(r, v2_controllers(g, r), apply_line, (void *)(uintptr_t)g, e);
		if (result == 0)
			result = apply_unified(g, r, e);
	}
	return result == 0 && r->devices.count ? apply_devices(c, r, e) : result;
}
