// Deleting files of guests that were judged their own.
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "guest/files/ownership.h"
#include "guest/vir/vir.h"

// Whether its path still leads to the file that was judged.
bool storage_is_same(const struct stored *s);

// Deletes a file that was judged own, if it still is the same. Returns 0 (also when it is gone), or negative errno.
int storage_remove(virConnectPtr conn, const struct stored *s, struct err *e);
