// SPDX-License-Identifier: LGPL-2.1-or-later
// The steps for one container, in the kernel's own numbers. Pure data, made from a configuration without
// privileges; everything that is wrong with a configuration is found here, before anything is touched.
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
	bool public_only; // an overlay that shows of its lower directories what every user may read
	bool idmap, recursive_idmap;
	bool readonly_last; // is made read-only (not in SET) when all that is mounted or made in it is there
	unsigned long flags;               // MS_… that only mount(2) takes
	uint64_t set, clear;               // MOUNT_ATTR_… of this mount
	uint64_t set_below, clear_below;   // and of all below it
	uint64_t propagation;              // MS_SHARED …, 0 = as it comes
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
	const char *unknown; // a name that is none, the last of them; NULL: there is none
};

enum { PLAN_CPUS = 8192, PLAN_NODES = 1024 }; // more than any kernel has

struct plan_scheduler { // as sched_setattr(2) wants it; size 0: leave
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
	int io_priority;            // ioprio_set(2) value, 0 = leave
	struct plan_scheduler scheduler;
	bool initial_given, final_given; // execCPUAffinity
	unsigned long initial[PLAN_CPUS / 8 / sizeof(long)], final[PLAN_CPUS / 8 / sizeof(long)];
};

struct plan {
	const struct config *config;
	unsigned new_namespaces;    // CLONE_NEW…
	struct plan_join *joins;
	size_t join_count;
	unsigned sysctl_namespaces; // CLONE_NEW… of those that linux.sysctl changes
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
// The process's part alone, for exec.
int plan_make_process(struct plan *plan, const struct process_config *process, struct err *e);
// The system-call filter's part alone: checks and compiles it. PLAN->config must be set.
int plan_make_seccomp(struct plan *plan, struct err *e);
void plan_done(struct plan *plan);
// The parts of linux.personality and linux.memoryPolicy, which exec needs too.
int plan_personality(struct plan *plan, struct err *e);
int plan_memory_policy(struct plan *plan, struct err *e);
// The mounts alone.
int plan_mounts(struct plan *plan, struct err *e);
// linux.sysctl alone: which namespaces it changes.
int plan_sysctls(struct plan *plan, struct err *e);
// The file below /proc/sys that NAME means, in either of the spellings of sysctl(8). Owned; NULL: an empty part, "."
// or "..".
char *sysctl_path(const char *name);
// S_IFCHR … of linux.devices' "c", "b", "u" or "p". Returns 0 or -EINVAL.
int plan_device_type(const char *text, mode_t *type);
// Sets the bits that a list as "0-3,7" names, each below END. Returns 0 or -EINVAL.
int plan_list(const char *text, unsigned long *bits, size_t end);

// Namespaces.
bool plan_is_new(const struct plan *plan, int namespace_flag);
// A namespace of the container's own, or one that it was given by path.
bool plan_has_own(const struct plan *plan, int namespace_flag);
// The same of a configuration that is not planned.
bool plan_wants_new(const struct config *config, int namespace_flag);
// CLONE_NEW… of a namespace's name in config.json ("pid", "network", "mount" …), 0 = no such.
int plan_namespace_flag(const char *type);
// "pid" and so on, as in /proc/PID/ns.
const char *plan_namespace_file(int flag);
// The I-th namespace's name in config.json, and mount option (valid until the next call), that are understood; NULL
// past the last. For `bunk features`.
const char *plan_namespace_type(size_t i);
const char *plan_mount_option(size_t i);
const char *plan_memory_mode(size_t i);
const char *plan_memory_flag(size_t i);
