// SPDX-License-Identifier: LGPL-2.1-or-later
// The plan for one container, in the kernel's own constants. Pure data, made from a configuration without privileges;
// all errors of a configuration are found here, before anything is changed.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "base/err.h"
#include "bunk/read/config.h"
#include "bunk/filter/filter.h"

struct plan_mount {
	const struct mount_entry *entry;
	bool bind, recursive_bind, copy_up, cgroup, remount;
	bool public_only; // an overlay that shows only the world-readable files of its lower directories
	bool idmap, recursive_idmap;
	bool readonly_last; // to be made read-only (not in SET) after everything in it was mounted and created
	unsigned long flags;               // MS_… for mount(2) only
	uint64_t set, clear;               // MOUNT_ATTR_… of this mount
	uint64_t set_below, clear_below;   // and recursively
	uint64_t propagation;              // MS_SHARED …, 0 = unchanged
	bool propagation_below;
	const char **data;                 // file-system options, name or name=value
	size_t data_count;
};

struct plan_rlimit {
	int resource;
	struct rlimit limit;
};

struct plan_join {
	int flag; // CLONE_NEW…
	const char *path;
};

struct plan_caps { // bit masks
	bool given;
	uint64_t bounding, effective, inheritable, permitted, ambient;
	const char *unknown; // the last unknown name; NULL: none
};

enum { PLAN_CPUS = 8192, PLAN_NODES = 1024 }; // more than any kernel has

struct plan_scheduler { // for sched_setattr(2); size 0: unchanged
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime, deadline, period;
};

struct plan_process {
	const struct process_config *config;
	struct plan_caps caps;
	struct plan_rlimit *rlimits;
	size_t rlimit_count;
	int io_priority;            // for ioprio_set(2), 0 = unchanged
	struct plan_scheduler scheduler;
	bool initial_given, final_given; // execCPUAffinity
	unsigned long initial[PLAN_CPUS / 8 / sizeof(long)], final[PLAN_CPUS / 8 / sizeof(long)];
};

struct plan {
	const struct config *config;
	unsigned new_namespaces;    // CLONE_NEW…
	struct plan_join *joins;
	size_t join_count;
	unsigned sysctl_namespaces; // CLONE_NEW… of the namespaces that linux.sysctl changes
	uint64_t propagation;       // of the root, MS_… ; 0 = MS_SLAVE
	struct plan_mount *mounts;
	size_t mount_count;
	bool root_readonly;         // root.readonly, or "ro" of a mount on "/"
	struct plan_process process;
	struct filter filter;
	bool personality_given;
	unsigned long personality;  // personality(2)
	int memory_mode;            // set_mempolicy(2)
	bool memory_nodes_given;
	unsigned long memory_nodes[PLAN_NODES / 8 / sizeof(long)];
	struct pool *pool;
};

// Returns 0, or -EINVAL with the JSON path in the text.
int plan_make(struct plan *plan, const struct config *config, struct err *e);
// Plans only the process, for exec.
int plan_make_process(struct plan *plan, const struct process_config *process, struct err *e);
// Plans only the system-call filter: checks and compiles it. PLAN->config must be set.
int plan_make_seccomp(struct plan *plan, struct err *e);
void plan_done(struct plan *plan);
// Plan linux.personality and linux.memoryPolicy, also for exec.
int plan_personality(struct plan *plan, struct err *e);
int plan_memory_policy(struct plan *plan, struct err *e);
// Plans only the mounts.
int plan_mounts(struct plan *plan, struct err *e);
// Plans only linux.sysctl: the namespaces that it changes.
int plan_sysctls(struct plan *plan, struct err *e);
// The file below /proc/sys for NAME in either spelling of sysctl(8). Owned; NULL if a part of it is empty, "." or
// "..".
char *sysctl_path(const char *name);
// S_IFCHR … of linux.devices' "c", "b", "u" or "p". Returns 0 or -EINVAL.
int plan_device_type(const char *text, mode_t *type);
// Sets the bits of a list like "0-3,7", each below END. Returns 0 or -EINVAL.
int plan_list(const char *text, unsigned long *bits, size_t end);

// Namespaces.
bool plan_is_new(const struct plan *plan, int namespace_flag);
// Whether the container gets a new namespace of this type, or joins one by path.
bool plan_has_own(const struct plan *plan, int namespace_flag);
// The same for a configuration that is not planned.
bool plan_wants_new(const struct config *config, int namespace_flag);
// CLONE_NEW… for the name of a namespace in config.json ("pid", "network", "mount" …), 0 = unknown.
int plan_namespace_flag(const char *type);
// Its name in /proc/PID/ns, for example "pid".
const char *plan_namespace_file(int flag);
// The I-th supported namespace, by its name in config.json, and mount option (valid until the next call); NULL past
// the last. For `bunk features`.
const char *plan_namespace_type(size_t i);
const char *plan_mount_option(size_t i);
const char *plan_memory_mode(size_t i);
const char *plan_memory_flag(size_t i);
