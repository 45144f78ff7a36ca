// Deletes files that belong to a guest alone.
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "guest/files/ownership.h"
#include "guest/vir/vir.h"

// Whether the path still leads to the file that was examined.
bool storage_is_same(const struct stored *s);

// Deletes a file that belongs to its guest alone, unless it was replaced meanwhile. Returns 0 (also if it no longer
// exists), or negative errno.
int storage_remove(virConnectPtr conn, const struct stored *s, struct err *e);
