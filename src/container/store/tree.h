// Whole directories with untrusted contents: their owner, their size. No symbolic link is followed, and no other file
// system entered.
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

// Gives PLACE (may be an O_PATH descriptor) and everything below it to UID and GID. Returns 0 or negative errno.
int tree_give(int place, uid_t uid, gid_t gid, struct err *e);
// The space on disk of everything below PLACE, in bytes; files with several names count once. Returns 0, or negative
// errno if a part cannot be read.
int tree_size(int place, uint64_t *bytes);
