// SPDX-License-Identifier: LGPL-2.1-or-later
// config.json as plain structures (runtime-spec config.md, config-linux.md), and reading it strictly.
// All strings and arrays belong to the configuration and are valid as long as it is.
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct number { // a number that may be absent
	bool given;
	int64_t value;
};

struct texts {
	const char **items;
	size_t count;
};

struct id_map { // config-linux.md "User namespace mappings"
	uint32_t inside, outside, size;
};

struct id_maps {
	struct id_map *items;
	size_t count;
};

// The id outside of ID in a user namespace with these maps.
uint32_t id_maps_outside(const struct id_maps *maps, uint32_t id);

struct rlimit_entry { // config.md "rlimits"
	const char *type;
	uint64_t soft, hard;
};

struct process_config { // config.md "Process"
	bool terminal, no_new_privileges;
	uint32_t uid, gid;
	struct number umask;
	struct {
		uint32_t *items;
		size_t count;
	} groups;
	uint32_t columns, rows; // consoleSize
	const char *cwd, *username;
	struct texts args, env;
	struct {
		bool given;
		struct texts bounding, effective, inheritable, permitted, ambient;
	} caps;
	struct {
		struct rlimit_entry *items;
		size_t count;
	} rlimits;
	const char *apparmor, *selinux;
	struct number oom_score;
	const char *io_class;
	struct number io_priority;
	struct {
		const char *policy;
		struct number nice, priority;
		uint64_t runtime, deadline, period;
		struct texts flags;
	} scheduler;
	const char *cpu_initial, *cpu_final; // execCPUAffinity
};

struct mount_entry { // config.md "Mounts"
	const char *destination, *type, *source;
	struct texts options;
	struct id_maps uids, gids;
};

struct hook { // config.md "POSIX-platform Hooks"
	const char *path;
	struct texts args, env;
	struct number timeout; // seconds
};

enum hook_kind {
	HOOK_PRESTART,
	HOOK_CREATE_RUNTIME,
	HOOK_CREATE_CONTAINER,
	HOOK_START_CONTAINER,
	HOOK_POSTSTART,
	HOOK_POSTSTOP,
	HOOK_KINDS,
};

struct hooks {
	struct hook *items;
	size_t count;
};

struct namespace_entry { // config-linux.md "Namespaces"
	const char *type, *path;
};

struct device_entry { // config-linux.md "Devices"
	const char *path, *type;
	struct number major, minor, mode, uid, gid;
};

struct device_rule { // config-linux.md "Device whitelist"
	bool allow;
	const char *type, *access;
	struct number major, minor;
};

struct name_value {
	const char *name, *value;
};

struct name_values {
	struct name_value *items;
	size_t count;
};

struct weight_device { // config-linux.md "Block IO"
	struct number major, minor, weight, leaf_weight;
};

struct throttle_device {
	struct number major, minor;
	uint64_t rate;
};

enum throttle_kind {
	THROTTLE_READ_BPS,
	THROTTLE_WRITE_BPS,
	THROTTLE_READ_IOPS,
	THROTTLE_WRITE_IOPS,
	THROTTLE_KINDS,
};

struct hugepage_limit { // config-linux.md "Huge page limits"
	const char *size;
	uint64_t limit;
};

struct interface_priority { // config-linux.md "Network"
	const char *name;
	uint32_t priority;
};

struct rdma_limit { // config-linux.md "RDMA"
	const char *device;
	struct number handles, objects;
};

struct resources { // config-linux.md "Control groups"
	struct {
		struct device_rule *items;
		size_t count;
	} devices;
	struct number memory_limit, memory_reservation, memory_swap, memory_swappiness, memory_kernel, memory_kernel_tcp;
	bool memory_no_oom_killer, memory_check_before, memory_hierarchy;
	struct number cpu_shares, cpu_quota, cpu_period, cpu_burst, cpu_idle, cpu_rt_runtime, cpu_rt_period;
	const char *cpus, *mems;
	struct number pids_limit;
	struct number io_weight, io_leaf_weight;
	struct {
		struct weight_device *items;
		size_t count;
	} weights;
	struct {
		struct throttle_device *items;
		size_t count;
	} throttles[THROTTLE_KINDS];
	struct {
		struct hugepage_limit *items;
		size_t count;
	} hugepages;
	struct number class_id;
	struct {
		struct interface_priority *items;
		size_t count;
	} priorities;
	struct {
		struct rdma_limit *items;
		size_t count;
	} rdma;
	struct name_values unified;
};

struct seccomp_arg {
	uint32_t index;
	uint64_t value, value_two;
	const char *op;
};

struct seccomp_rule {
	struct texts names;
	const char *action;
	struct number errno_return;
	struct {
		struct seccomp_arg *items;
		size_t count;
	} args;
};

struct seccomp_config { // config-linux.md "Seccomp"
	bool given;
	const char *default_action;
	struct number default_errno;
	struct texts architectures, flags;
	const char *listener_path, *listener_metadata;
	struct {
		struct seccomp_rule *items;
		size_t count;
	} rules;
};

struct time_offset { // config-linux.md "Offset for Time Namespace"
	const char *clock;
	struct number seconds;
	uint32_t nanoseconds;
};

struct net_device { // config-linux.md "Network Devices"
	const char *name, *new_name;
};

struct rdt_config { // config-linux.md "IntelRdt"
	bool given, enable_monitoring, enable_cmt, enable_mbm;
	const char *clos_id, *l3_schema, *bandwidth_schema;
	struct texts schemata;
};

struct memory_policy { // config-linux.md "Memory policy"
	bool given;
	const char *mode, *nodes;
	struct texts flags;
};

struct config {
	const char *oci_version;
	const char *root_path;
	bool root_readonly;
	bool has_process;
	struct process_config process;
	const char *hostname, *domainname;
	struct {
		struct mount_entry *items;
		size_t count;
	} mounts;
	struct hooks hooks[HOOK_KINDS];
	struct name_values annotations;
	struct {
		struct namespace_entry *items;
		size_t count;
	} namespaces;
	struct id_maps uids, gids;
	struct {
		struct device_entry *items;
		size_t count;
	} devices;
	const char *cgroups_path;
	struct resources resources;
	struct name_values sysctl;
	struct seccomp_config seccomp;
	const char *propagation;
	struct texts masked, readonly;
	const char *mount_label;
	const char *personality;
	struct texts personality_flags;
	struct {
		struct time_offset *items;
		size_t count;
	} time_offsets;
	struct {
		struct net_device *items;
		size_t count;
	} net_devices;
	struct rdt_config rdt;
	struct memory_policy memory_policy;

	// behind all of it
	json_t *document, *process_document;
	struct pool *pool;
};

// Parses the N bytes of TEXT; errors call it NAME ("config.json") and give the JSON path:
// "config.json: mounts[2].destination: must be a string". WARN (may be NULL) receives unknown properties, which are
// ignored as the specification requires; a known property that bunk does not support is an error. Returns 0 or
// -EINVAL. Release *C in either case.
int config_parse(struct config *c, const char *name, const char *text, size_t n, void (*warn)(void *, const char *),
                 void *context, struct err *e);
// Parses a process object (exec --process), replacing C->process.
int config_parse_process(struct config *c, const char *name, const char *text, size_t n, struct err *e);
// Parses a resources object (update) into C->resources.
int config_parse_resources(struct config *c, const char *name, const char *text, size_t n, struct err *e);
void config_done(struct config *c);
// The name of a list of hooks in config.json.
const char *config_hook_name(enum hook_kind kind);
