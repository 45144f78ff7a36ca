// User namespaces (user_namespaces(7)): which one this process is in, which ids exist in it, and which setting forbids
// another.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

// Whether this process is in the initial user namespace. Tells by its inode, since any other one may map every id to
// itself. True without /proc. This answer and that of the next function are cached.
bool userns_is_initial(void);
// Whether this is root in the initial user namespace: only this root may set device rules, make device nodes and write
// trusted.* attributes.
bool userns_is_host_root(void);
// Clears these caches: to be called after this process has entered another user namespace or changed its user.
void userns_forget(void);
// Whether this process acts for the whole system, so that /run and the system's service manager are its own. Also true
// for root of a container that has both.
bool userns_is_system_root(void);
// Whether the user or group ID exists in this namespace.
bool userns_has_uid(uint32_t id);
bool userns_has_gid(uint32_t id);
// The highest group ID up to which all IDs from 0 on exist in this namespace, at most INT32_MAX.
uint32_t userns_last_gid(void);
// Whether setgroups(2) is allowed in this namespace.
bool userns_may_set_groups(void);
// Lets programs that this process runs keep its rights over networks, ports and ids in this namespace, which they
// lose by default unless this process is root. Returns 0 or negative errno.
int userns_pass_rights(struct err *e);
// A hash of the id maps of this namespace, to recognise files that were made under others.
uint32_t userns_fingerprint(void);

// Why a user namespace is refused with ERROR (positive errno), or unusable once created, and what an administrator can
// do. SETTINGS is a descriptor of /proc/sys, LABEL the process's AppArmor label from /proc/self/attr/current
// ("" = none), MADE whether the namespace was created. An owned text, or NULL if no setting is known to be the cause.
char *userns_refusal(int settings, const char *label, int error, bool made);
// Appends that reason to E, whose code is the error, or that this process's own ids are not mapped.
void userns_explain(struct err *e, bool made);
