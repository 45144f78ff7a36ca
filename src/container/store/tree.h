// Whole directories with untrusted contents: their owner, their size. No symbolic link is followed, and no other file
// system entered.
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

// Gives PLACE (may be an O_PATH descriptor) and everything below it to UID and GID. Returns 0 or negative errno.
int tree_give(int place, uid_t uid, gid_t gid, struct err *e);
// The space on disk of everything below PLACE, in bytes; files with several names count once. An ordinary user's
// directories of subordinate ids are read in a child process if they are closed to the user. Returns 0, or negative
// errno if a part cannot be read.
int tree_size(int place, uint64_t *bytes);
// The same, with this process's rights only.
int tree_size_here(int place, uint64_t *bytes);
