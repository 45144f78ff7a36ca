// What is found where an image layout was expected, and how to make one of it.
#pragma once

#include "base/err.h"

// Says that PATH is not an image layout, what it is, and the remedy, as far as its first bytes or the names in it
// tell. Returns negative errno.
int foreign_explain(const char *path, struct err *e);
