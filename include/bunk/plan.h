// SPDX-License-Identifier: LGPL-2.1-or-later
// What is to be done for one container, in the kernel's own numbers. Pure data, made from a configuration without privileges;
// everything that is wrong with a configuration is found here, before anything is touched.
#pragma once

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>

#include "base/err.h"
#include "bunk/config.h"

struct plan_mount {
	const struct mount_entry *entry;
	bool bind, recursive_bind, copy_up, cgroup;
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
};

struct plan_process {
	const struct process_config *config;
	struct plan_caps caps;
	struct plan_rlimit *rlimits;
	size_t rlimit_count;
	int io_priority;            // ioprio_set(2) value, 0 = leave
};

struct plan {
	const struct config *config;
	unsigned new_namespaces;    // CLONE_NEW…
	struct plan_join *joins;
	size_t join_count;
	uint64_t propagation;       // of the root, MS_… ; 0 = MS_SLAVE
	struct plan_mount *mounts;
	size_t mount_count;
	struct plan_process process;
	struct sock_fprog seccomp;  // len 0: none
	unsigned seccomp_flags;
	struct pool *pool;
};

// FILTERS is where compiled filters are remembered, -1: nowhere (see bunk/filter.h). Returns 0, or -EINVAL with the JSON path in the text.
int plan_make(struct plan *plan, const struct config *config, int filters, struct err *e);
// The process's part alone, for exec.
int plan_make_process(struct plan *plan, const struct process_config *process, struct err *e);
void plan_done(struct plan *plan);

bool plan_is_new(const struct plan *plan, int namespace_flag);
// CLONE_NEW… of a namespace's name in config.json ("pid", "network", "mount" …), 0 = no such.
int plan_namespace_flag(const char *type);
// "pid" and so on, as in /proc/PID/ns.
const char *plan_namespace_file(int flag);
// The I-th namespace's name in config.json, and mount option, that are understood; NULL past the last. For `bunk features`.
const char *plan_namespace_type(size_t i);
const char *plan_mount_option(size_t i);
