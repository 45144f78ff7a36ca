// Saving settings: only changed lines of the user's configuration file are modified.
#pragma once

#include "base/str.h"

struct err;

// The configuration TEXT with NAME of SECTION set to VALUE: in the line that sets it, else at the end of its section,
// else in a new section at the end. Everything else is unchanged. Owned by the caller.
char *settings_edit(const char *text, const char *section, const char *name, const char *value);

// The path that settings_save() writes to: FILE, or the user's own; NULL if the environment has no home directory.
// Owned by the caller.
char *settings_path(const char *file);
// Sets VALUES ("section.name") in the file at PATH, which is created if missing. Returns 0 or negative errno.
int settings_save(const char *path, const struct params *values, struct err *e);
