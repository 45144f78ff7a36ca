// Where a guest's new files are created.
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"
#include "guest/connection/guests.h"

// The directory for new files of the guest described by P. Owned.
char *storage_directory(const struct guests *g, const struct params *p);
// Whether files can be created in DIRECTORY, which is created first unless it was GIVEN by the user.
bool storage_can_write(const struct guests *g, const char *directory, bool given);
// Creates an empty file. Fails if PATH exists, so that no other file is ever overwritten or, later, deleted. Returns 0
// or negative errno.
int storage_claim(const char *path, struct err *e);
