// User namespaces (user_namespaces(7)): which one this process is in, which ids exist there, and which setting forbids
// a further one.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

// Whether this process is in the user namespace that the kernel started with. Its inode says so: any other one may map
// every id to itself. True without /proc.
bool userns_is_initial(void);
// Root, and not of another user namespace: only this one may set device rules, make device nodes and write trusted.*
// attributes.
bool userns_is_host_root(void);
// Acts for the whole system: /run is its own, and the system's service manager. Also the root of a container that has
// both.
bool userns_is_system_root(void);
// Whether the user or group ID exists in this namespace.
bool userns_has_uid(uint32_t id);
bool userns_has_gid(uint32_t id);
// The highest group ID up to which all IDs from 0 on exist in this namespace, at most INT32_MAX.
uint32_t userns_last_gid(void);
// Whether setgroups(2) was not given up for this namespace.
bool userns_may_set_groups(void);
// The maps of this namespace as one number, to tell what was made under others apart.
uint32_t userns_fingerprint(void);

// Why a user namespace is refused with ERROR (positive errno), or useless once it is there, and what an administrator
// can do. SETTINGS is a descriptor of /proc/sys, LABEL the process's AppArmor label as /proc/self/attr/current has it
// ("" = none), MADE whether the namespace is there. An owned text, or NULL when no setting is known to be the cause.
char *userns_refusal(int settings, const char *label, int error, bool made);
// Adds that to E, whose code is the error, or that this process itself has ids that are not mapped.
void userns_explain(struct err *e, bool made);
