// What is damaged or left over in the store and the state of containers, and what the kernel lacks: for `hostel
// check`.
#pragma once

#include "base/err.h"
#include "model/finding.h"

// Looks through the store WHERE (as store_open) and this host. FLAGS of enum check_flag: repair does what is safe:
// only what is proven to be the store's own, and in use by no living process, is removed. Returns 0, also when
// something was found, or negative errno.
int containers_check(const char *where, unsigned flags, struct findings *f, struct err *e);
