// Finds damage and leftovers in the store and in the state of containers, and missing kernel features: for `hostel
// check`.
#pragma once

#include "base/err.h"
#include "model/finding.h"

// Checks the store WHERE (as for store_open()) and this host. FLAGS are of enum check_flag; CHECK_REPAIR only does
// what is safe: it removes only what provably belongs to the store and is not used by a living process. Returns 0,
// even if something was found, or negative errno.
int containers_check(const char *where, unsigned flags, struct findings *f, struct err *e);
