// The ids of "USER[:GROUP]" in an image: its own etc/passwd and etc/group (passwd(5), group(5)), never the host's name
// service.
#pragma once

#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/str.h"

struct account {
	uid_t uid;
	gid_t gid;
	gid_t *groups; // supplementary
	size_t group_count;
	char *home; // NULL = unknown
};
void account_done(struct account *a);
// ROOTS are the directories that are stacked, the uppermost first. Names must be known there; numbers need not be. The
// two files must be regular ones of at most 16 MiB. Returns 0, -ENOENT, -EINVAL, -E2BIG (more groups than the kernel
// takes) or another negative errno. account_done() after success.
int account_find(struct account *a, const struct strv *roots, const char *who, struct err *e);
// Ids that are not mapped do not exist in a container of this process: leaves out such groups of A, called WHO.
// Returns 0 or -EPERM for its user or group.
int account_keep_mapped(struct account *a, const char *who, struct err *e);
