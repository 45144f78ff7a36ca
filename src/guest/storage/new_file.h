// The directory in which new files of a guest are made.
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"
#include "guest/connection/guests.h"

// Where a new file of the guest that P describes goes. Owned.
char *storage_directory(const struct guests *g, const struct params *p);
// Whether a file can be made in DIRECTORY, which is made unless it was GIVEN.
bool storage_can_write(const struct guests *g, const char *directory, bool given);
// Makes an empty file. Fails when PATH exists, so that no foreign file is ever overwritten or, later, removed.
int storage_claim(const char *path, struct err *e);
