// Explains paths that are not an OCI image layout.
#pragma once

#include "base/err.h"

// Sets E to an error that PATH is not an image layout, with what it is instead (judged by its first bytes, or by the
// names in the directory) and how to convert it. Returns negative errno.
int foreign_explain(const char *path, struct err *e);
