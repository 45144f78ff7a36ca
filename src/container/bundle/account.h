// Resolves "USER[:GROUP]" with the image's etc/passwd and etc/group (passwd(5), group(5)), never with the host's name
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
	char *home; // NULL = not in etc/passwd
};
void account_done(struct account *a);
// Resolves WHO. ROOTS are the stacked directories, topmost first. Names must exist in the image's files; numbers need
// not. Both files must be regular and at most 16 MiB. Returns 0, -ENOENT, -EINVAL, -E2BIG (more groups than the kernel
// supports) or another negative errno. Call account_done() after success.
int account_find(struct account *a, const struct strv *roots, const char *who, struct err *e);
// Adds GROUP, a name of the image's etc/group or a number, to the supplementary groups of A. Returns 0 or negative
// errno; A must be freed in either case.
int account_add_group(struct account *a, const struct strv *roots, const char *group, struct err *e);
// Ids that are not mapped in this process's user namespace do not exist in its containers: drops such supplementary
// groups of A, which was resolved from WHO. Returns 0, or -EPERM if the user or group itself is not mapped.
int account_keep_mapped(struct account *a, const char *who, struct err *e);
