// Subordinate ids: what the administrator lets an ordinary user map into user namespaces (subuid(5), subgid(5)),
// besides the one id of the user.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct subids {
	uint32_t uid_first, uid_count; // the first range of each kind
	uint32_t gid_first, gid_count;
};

// What the user of this process may map. False for root, where ids of a kind are missing, and without newuidmap(1)
// and newgidmap(1).
bool subids_find(struct subids *s);
// The same from the texts of /etc/subuid and /etc/subgid, for a user of that number and (when not NULL) name.
bool subids_parse(struct subids *s, const char *subuid, const char *subgid, unsigned uid, const char *name);
// Removes the absolute PATH and everything below it as root of a user namespace with these ids: files there may belong
// to the container's users. Returns 0, -EBUSY (nothing removed) where something is mounted at or below PATH, or
// another negative errno.
int subids_remove_tree(const char *path, struct err *e);
