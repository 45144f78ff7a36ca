// SPDX-License-Identifier: LGPL-2.1-or-later
// The tables of config.json: one row per property, in the specification's order.
#include "bunk/read/config.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "base/str.h"
#include "reader.h"

// omitted columns are zero
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

#define P(FIELD) offsetof(struct process_config, FIELD)
#define R(FIELD) offsetof(struct resources, FIELD)
#define C(FIELD) offsetof(struct config, FIELD)

static const struct field user_fields[] = {
	{"uid", read_u32, P(uid)},
	{"gid", read_u32, P(gid)},
	{"umask", read_number, P(umask)},
	{"additionalGids", read_u32s, P(groups)},
	{"username", read_text, P(username)}, // Windows only; podman writes it
	{0},
};

static const struct field console_fields[] = {
	{"height", read_u32, P(rows)},
	{"width", read_u32, P(columns)},
	{0},
};

static const struct field caps_fields[] = {
	{"bounding", read_texts, P(caps.bounding)},       {"effective", read_texts, P(caps.effective)},
	{"inheritable", read_texts, P(caps.inheritable)}, {"permitted", read_texts, P(caps.permitted)},
	{"ambient", read_texts, P(caps.ambient)},         {0},
};

static int read_caps(struct reader *r, json_t *value, const struct place *at, void *into, const struct field *f)
{
	struct process_config *p = into;

	p->caps.given = true;
	return reader_object(r, value, at, p, f->fields);
}

static const struct field rlimit_fields[] = {
	{"type", read_text, offsetof(struct rlimit_entry, type), FIELD_REQUIRED},
	{"soft", read_u64, offsetof(struct rlimit_entry, soft), FIELD_REQUIRED},
	{"hard", read_u64, offsetof(struct rlimit_entry, hard), FIELD_REQUIRED},
	{0},
};

static const struct field io_priority_fields[] = {
	{"class", read_text, P(io_class)},
	{"priority", read_number, P(io_priority)},
	{0},
};

static const struct field scheduler_fields[] = {
	{"policy", read_text, P(scheduler.policy), FIELD_REQUIRED},
	{"nice", read_number, P(scheduler.nice)},
	{"priority", read_number, P(scheduler.priority)},
	{"flags", read_texts, P(scheduler.flags)},
	{"runtime", read_u64, P(scheduler.runtime)},
	{"deadline", read_u64, P(scheduler.deadline)},
	{"period", read_u64, P(scheduler.period)},
	{0},
};

static const struct field affinity_fields[] = {
	{"initial", read_text, P(cpu_initial)},
	{"final", read_text, P(cpu_final)},
	{0},
};

static const struct field process_fields[] = {
	{"terminal", read_bool, P(terminal)},
	{"consoleSize", read_fields, .fields = console_fields},
	{"user", read_fields, .fields = user_fields},
	{"cwd", read_text, P(cwd), FIELD_REQUIRED},
	{"args", read_texts, P(args)},
	{"env", read_texts, P(env)},
	{"capabilities", read_caps, .fields = caps_fields},
	{"rlimits", read_objects, P(rlimits), 0, rlimit_fields, sizeof(struct rlimit_entry)},
	{"noNewPrivileges", read_bool, P(no_new_privileges)},
	{"apparmorProfile", read_text, P(apparmor)},
	{"selinuxLabel", read_text, P(selinux)},
	{"oomScoreAdj", read_number, P(oom_score)},
	{"ioPriority", read_fields, .fields = io_priority_fields},
	{"scheduler", read_fields, .fields = scheduler_fields},
	{"execCPUAffinity", read_fields, .fields = affinity_fields},
	{"commandLine", read_refused}, // Windows
	{0},
};

static int read_process(struct reader *r, json_t *value, const struct place *at, void *into, const struct field *f)
{
	struct config *c = into;

	(void)f;
	c->has_process = true;
	return reader_object(r, value, at, &c->process, process_fields);
}

static const struct field id_map_fields[] = {
	{"containerID", read_u32, offsetof(struct id_map, inside), FIELD_REQUIRED},
	{"hostID", read_u32, offsetof(struct id_map, outside), FIELD_REQUIRED},
	{"size", read_u32, offsetof(struct id_map, size), FIELD_REQUIRED},
	{0},
};

static const struct field mount_fields[] = {
	{"destination", read_text, offsetof(struct mount_entry, destination), FIELD_REQUIRED},
	{"type", read_text, offsetof(struct mount_entry, type)},
	{"source", read_text, offsetof(struct mount_entry, source)},
	{"options", read_texts, offsetof(struct mount_entry, options)},
	{"uidMappings", read_objects, offsetof(struct mount_entry, uids), 0, id_map_fields, sizeof(struct id_map)},
	{"gidMappings", read_objects, offsetof(struct mount_entry, gids), 0, id_map_fields, sizeof(struct id_map)},
	{0},
};

static const struct field hook_fields[] = {
	{"path", read_text, offsetof(struct hook, path), FIELD_REQUIRED},
	{"args", read_texts, offsetof(struct hook, args)},
	{"env", read_texts, offsetof(struct hook, env)},
	{"timeout", read_number, offsetof(struct hook, timeout)},
	{0},
};

#define HOOK(NAME, KIND) [KIND] = {NAME, read_objects, C(hooks[KIND]), 0, hook_fields, sizeof(struct hook)}
static const struct field hooks_fields[] = {
	HOOK("prestart", HOOK_PRESTART),
	HOOK("createRuntime", HOOK_CREATE_RUNTIME),
	HOOK("createContainer", HOOK_CREATE_CONTAINER),
	HOOK("startContainer", HOOK_START_CONTAINER),
	HOOK("poststart", HOOK_POSTSTART),
	HOOK("poststop", HOOK_POSTSTOP),
	{0},
};

const char *config_hook_name(enum hook_kind kind)
{
	return hooks_fields[kind].name;
}

static const struct field root_fields[] = {
	{"path", read_text, C(root_path), FIELD_REQUIRED},
	{"readonly", read_bool, C(root_readonly)},
	{0},
};

static const struct field namespace_fields[] = {
	{"type", read_text, offsetof(struct namespace_entry, type), FIELD_REQUIRED},
	{"path", read_text, offsetof(struct namespace_entry, path)},
	{0},
};

static const struct field device_fields[] = {
	{"type", read_text, offsetof(struct device_entry, type), FIELD_REQUIRED},
	{"path", read_text, offsetof(struct device_entry, path), FIELD_REQUIRED},
	{"major", read_number, offsetof(struct device_entry, major)},
	{"minor", read_number, offsetof(struct device_entry, minor)},
	{"fileMode", read_number, offsetof(struct device_entry, mode)},
	{"uid", read_number, offsetof(struct device_entry, uid)},
	{"gid", read_number, offsetof(struct device_entry, gid)},
	{0},
};

static const struct field rule_fields[] = {
	{"allow", read_bool, offsetof(struct device_rule, allow), FIELD_REQUIRED},
	{"type", read_text, offsetof(struct device_rule, type)},
	{"major", read_number, offsetof(struct device_rule, major)},
	{"minor", read_number, offsetof(struct device_rule, minor)},
	{"access", read_text, offsetof(struct device_rule, access)},
	{0},
};

static const struct field memory_fields[] = {
	{"limit", read_number, R(memory_limit)},
	{"reservation", read_number, R(memory_reservation)},
	{"swap", read_number, R(memory_swap)},
	{"swappiness", read_number, R(memory_swappiness)},
	{"disableOOMKiller", read_bool, R(memory_no_oom_killer)},
	{"checkBeforeUpdate", read_bool, R(memory_check_before)},
	{"useHierarchy", read_bool, R(memory_hierarchy)}, // always on in current kernels
	{"kernel", read_number, R(memory_kernel)},        // v1 of older kernels
	{"kernelTCP", read_number, R(memory_kernel_tcp)}, // v1
	{0},
};

static const struct field cpu_fields[] = {
	{"shares", read_number, R(cpu_shares)},
	{"quota", read_number, R(cpu_quota)},
	{"period", read_number, R(cpu_period)},
	{"burst", read_number, R(cpu_burst)},
	{"idle", read_number, R(cpu_idle)},
	{"realtimeRuntime", read_number, R(cpu_rt_runtime)},
	{"realtimePeriod", read_number, R(cpu_rt_period)},
	{"cpus", read_text, R(cpus)},
	{"mems", read_text, R(mems)},
	{0},
};

static const struct field pids_fields[] = {
	{"limit", read_number, R(pids_limit), FIELD_REQUIRED},
	{0},
};

static const struct field weight_device_fields[] = {
	{"major", read_number, offsetof(struct weight_device, major), FIELD_REQUIRED},
	{"minor", read_number, offsetof(struct weight_device, minor), FIELD_REQUIRED},
	{"weight", read_number, offsetof(struct weight_device, weight)},
	{"leafWeight", read_number, offsetof(struct weight_device, leaf_weight)},
	{0},
};

static const struct field throttle_fields[] = {
	{"major", read_number, offsetof(struct throttle_device, major), FIELD_REQUIRED},
	{"minor", read_number, offsetof(struct throttle_device, minor), FIELD_REQUIRED},
	{"rate", read_u64, offsetof(struct throttle_device, rate), FIELD_REQUIRED},
	{0},
};

#define THROTTLE(NAME, KIND) \
	{NAME, read_objects, R(throttles[KIND]), 0, throttle_fields, sizeof(struct throttle_device)}
static const struct field io_fields[] = {
	{"weight", read_number, R(io_weight)},
	{"leafWeight", read_number, R(io_leaf_weight)},
	{"weightDevice", read_objects, R(weights), 0, weight_device_fields, sizeof(struct weight_device)},
	THROTTLE("throttleReadBpsDevice", THROTTLE_READ_BPS),
	THROTTLE("throttleWriteBpsDevice", THROTTLE_WRITE_BPS),
	THROTTLE("throttleReadIOPSDevice", THROTTLE_READ_IOPS),
	THROTTLE("throttleWriteIOPSDevice", THROTTLE_WRITE_IOPS),
	{0},
};

static const struct field hugepage_fields[] = {
	{"pageSize", read_text, offsetof(struct hugepage_limit, size), FIELD_REQUIRED},
	{"limit", read_u64, offsetof(struct hugepage_limit, limit), FIELD_REQUIRED},
	{0},
};

static const struct field priority_fields[] = {
	{"name", read_text, offsetof(struct interface_priority, name), FIELD_REQUIRED},
	{"priority", read_u32, offsetof(struct interface_priority, priority), FIELD_REQUIRED},
	{0},
};

static const struct field network_fields[] = {
	{"classID", read_number, R(class_id)},
	{"priorities", read_objects, R(priorities), 0, priority_fields, sizeof(struct interface_priority)},
	{0},
};

static const struct field rdma_fields[] = {
	{"hcaHandles", read_number, offsetof(struct rdma_limit, handles)},
	{"hcaObjects", read_number, offsetof(struct rdma_limit, objects)},
	{0},
};

static const struct field resources_fields[] = {
	{"devices", read_objects, R(devices), 0, rule_fields, sizeof(struct device_rule)},
	{"memory", read_fields, .fields = memory_fields},
	{"cpu", read_fields, .fields = cpu_fields},
	{"pids", read_fields, .fields = pids_fields},
	{"blockIO", read_fields, .fields = io_fields},
	{"unified", read_pairs, R(unified)},
	{"hugepageLimits", read_objects, R(hugepages), 0, hugepage_fields, sizeof(struct hugepage_limit)},
	{"network", read_fields, .fields = network_fields},
	{"rdma", read_map, R(rdma), 0, rdma_fields, sizeof(struct rdma_limit)},
	{0},
};

static int read_resources(struct reader *r, json_t *value, const struct place *at, void *into, const struct field *f)
{
	(void)f;
	return reader_object(r, value, at, into, resources_fields);
}

static const struct field seccomp_arg_fields[] = {
	{"index", read_u32, offsetof(struct seccomp_arg, index), FIELD_REQUIRED},
	{"value", read_u64, offsetof(struct seccomp_arg, value), FIELD_REQUIRED},
	{"valueTwo", read_u64, offsetof(struct seccomp_arg, value_two)},
	{"op", read_text, offsetof(struct seccomp_arg, op), FIELD_REQUIRED},
	{0},
};

static const struct field seccomp_rule_fields[] = {
	{"names", read_texts, offsetof(struct seccomp_rule, names), FIELD_REQUIRED},
	{"action", read_text, offsetof(struct seccomp_rule, action), FIELD_REQUIRED},
	{"errnoRet", read_number, offsetof(struct seccomp_rule, errno_return)},
	{"args", read_objects, offsetof(struct seccomp_rule, args), 0, seccomp_arg_fields, sizeof(struct seccomp_arg)},
	{0},
};

static const struct field seccomp_fields[] = {
	{"defaultAction", read_text, C(seccomp.default_action), FIELD_REQUIRED},
	{"defaultErrnoRet", read_number, C(seccomp.default_errno)},
	{"architectures", read_texts, C(seccomp.architectures)},
	{"flags", read_texts, C(seccomp.flags)},
	{"listenerPath", read_text, C(seccomp.listener_path)},
	{"listenerMetadata", read_text, C(seccomp.listener_metadata)},
	{"syscalls", read_objects, C(seccomp.rules), 0, seccomp_rule_fields, sizeof(struct seccomp_rule)},
	{0},
};

static int read_seccomp(struct reader *r, json_t *value, const struct place *at, void *into, const struct field *f)
{
	struct config *c = into;

	(void)f;
	c->seccomp.given = true;
	return reader_object(r, value, at, c, seccomp_fields);
}

static const struct field personality_fields[] = {
	{"domain", read_text, C(personality), FIELD_REQUIRED},
	{"flags", read_texts, C(personality_flags)},
	{0},
};

static const struct field time_offset_fields[] = {
	{"secs", read_number, offsetof(struct time_offset, seconds)},
	{"nanosecs", read_u32, offsetof(struct time_offset, nanoseconds)},
	{0},
};

static const struct field net_device_fields[] = {
	{"name", read_text, offsetof(struct net_device, new_name)},
	{0},
};

static const struct field rdt_fields[] = {
	{"closID", read_text, C(rdt.clos_id)},
	{"schemata", read_texts, C(rdt.schemata)},
	{"l3CacheSchema", read_text, C(rdt.l3_schema)},
	{"memBwSchema", read_text, C(rdt.bandwidth_schema)},
	{"enableMonitoring", read_bool, C(rdt.enable_monitoring)},
	{"enableCMT", read_bool, C(rdt.enable_cmt)}, // until 1.2
	{"enableMBM", read_bool, C(rdt.enable_mbm)}, // the same
	{0},
};

static int read_rdt(struct reader *r, json_t *value, const struct place *at, void *into, const struct field *f)
{
	struct config *c = into;

	(void)f;
	c->rdt.given = true;
	return reader_object(r, value, at, c, rdt_fields);
}

static const struct field memory_policy_fields[] = {
	{"mode", read_text, C(memory_policy.mode), FIELD_REQUIRED},
	{"nodes", read_text, C(memory_policy.nodes)},
	{"flags", read_texts, C(memory_policy.flags)},
	{0},
};

static int read_memory_policy(struct reader *r, json_t *value, const struct place *at, void *into,
                              const struct field *f)
{
	struct config *c = into;

	(void)f;
	c->memory_policy.given = true;
	return reader_object(r, value, at, c, memory_policy_fields);
}

static const struct field linux_fields[] = {
	{"namespaces", read_objects, C(namespaces), 0, namespace_fields, sizeof(struct namespace_entry)},
	{"uidMappings", read_objects, C(uids), 0, id_map_fields, sizeof(struct id_map)},
	{"gidMappings", read_objects, C(gids), 0, id_map_fields, sizeof(struct id_map)},
	{"timeOffsets", read_map, C(time_offsets), 0, time_offset_fields, sizeof(struct time_offset)},
	{"devices", read_objects, C(devices), 0, device_fields, sizeof(struct device_entry)},
	{"netDevices", read_map, C(net_devices), 0, net_device_fields, sizeof(struct net_device)},
	{"cgroupsPath", read_text, C(cgroups_path)},
	{"resources", read_resources, C(resources)},
	{"intelRdt", read_rdt},
	{"memoryPolicy", read_memory_policy},
	{"sysctl", read_pairs, C(sysctl)},
	{"seccomp", read_seccomp},
	{"rootfsPropagation", read_text, C(propagation)},
	{"maskedPaths", read_texts, C(masked)},
	{"readonlyPaths", read_texts, C(readonly)},
	{"mountLabel", read_text, C(mount_label)},
	{"personality", read_fields, .fields = personality_fields},
	{0},
};

static const struct field config_fields[] = {
	{"ociVersion", read_text, C(oci_version), FIELD_REQUIRED},
	{"root", read_fields, .flags = FIELD_REQUIRED, .fields = root_fields},
	{"mounts", read_objects, C(mounts), 0, mount_fields, sizeof(struct mount_entry)},
	{"process", read_process},
	{"hostname", read_text, C(hostname)},
	{"domainname", read_text, C(domainname)},
	{"hooks", read_fields, .fields = hooks_fields},
	{"annotations", read_pairs, C(annotations)},
	{"linux", read_fields, .flags = FIELD_REQUIRED, .fields = linux_fields},
	{"solaris", read_refused},
	{"windows", read_refused},
	{"vm", read_refused},
	{"zos", read_refused},
	{"freebsd", read_refused},
	{0},
};

// jansson's integers are limited to 2^63-1, but engines write "unlimited" as 2^64-1: that number becomes a real, which
// read_u64() handles.
static void add_with_unlimited(struct str *out, const char *text, size_t n)
{
	static const char unlimited[] = "18446744073709551615";
	const size_t length = sizeof(unlimited) - 1;
	bool quoted = false;

	for (size_t i = 0; i < n; i++) {
		str_add_char(out, text[i]);
		if (quoted && text[i] == '\\' && i + 1 < n)
			str_add_char(out, text[++i]);
		else if (text[i] == '"')
			quoted = !quoted;
		else if (!quoted && i + 1 >= length && memcmp(text + i + 1 - length, unlimited, length) == 0)
			str_add(out, "e0");
	}
}

static json_t *load_document(const char *text, size_t n, json_error_t *wrong)
{
	auto_str rewritten = {0};

	if (!memmem(text, n, "18446744073709551615", 20))
		return json_loadb(text, n, JSON_REJECT_DUPLICATES, wrong);
	add_with_unlimited(&rewritten, text, n);
	return json_loadb(rewritten.text, rewritten.length, JSON_REJECT_DUPLICATES, wrong);
}

static int parse_document(json_t **document, struct reader *r, const char *text, size_t n, const struct field *fields,
                          void *into)
{
	json_error_t wrong;

	json_decref(*document);
	*document = load_document(text, n, &wrong);
	if (!*document)
		return err_msg(r->e, EINVAL, "%s:%d:%d: %s", r->name, wrong.line, wrong.column, wrong.text);
	return reader_object(r, *document, NULL, into, fields);
}

int config_parse(struct config *c, const char *name, const char *text, size_t n, void (*warn)(void *, const char *),
                 void *context, struct err *e)
{
	struct reader r = {.name = name, .pool = &c->pool, .warn = warn, .context = context, .e = e};

	return parse_document(&c->document, &r, text, n, config_fields, c);
}

int config_parse_process(struct config *c, const char *name, const char *text, size_t n, struct err *e)
{
	struct reader r = {.name = name, .pool = &c->pool, .e = e};

	c->has_process = true;
	c->process = (struct process_config){0};
	return parse_document(&c->process_document, &r, text, n, process_fields, &c->process);
}

int config_parse_resources(struct config *c, const char *name, const char *text, size_t n, struct err *e)
{
	struct reader r = {.name = name, .pool = &c->pool, .e = e};

	return parse_document(&c->document, &r, text, n, resources_fields, &c->resources);
}

void config_done(struct config *c)
{
	pool_done(&c->pool);
	json_decref(c->document);
	json_decref(c->process_document);
	*c = (struct config){0};
}
