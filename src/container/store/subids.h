// Subordinate ids: the ranges that an unprivileged user may map into user namespaces (subuid(5), subgid(5)), in
// addition to the user's own id.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct subids {
	uint32_t uid_first, uid_count; // the first range of each type
	uint32_t gid_first, gid_count;
};

// The ranges of the calling user. Returns false for root, if a range is missing, and without newuidmap(1) and
// newgidmap(1).
bool subids_find(struct subids *s);
// The same, from the text of /etc/subuid and /etc/subgid, for the user UID, called NAME (may be NULL).
bool subids_parse(struct subids *s, const char *subuid, const char *subgid, unsigned uid, const char *name);
// A hash of the ranges and of the user's own ids: files that are unpacked with others have other owners.
uint32_t subids_fingerprint(const struct subids *s);
// Removes the absolute PATH recursively, as root of a user namespace with these ids: files there may belong to the
// container's users. Returns 0, -EBUSY (nothing removed) if something is mounted at or below PATH, or another negative
// errno.
int subids_remove_tree(const char *path, struct err *e);
