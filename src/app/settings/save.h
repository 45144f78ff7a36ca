// Settings kept: the configuration file of the user, in which only what changes is touched.
#pragma once

#include "base/str.h"

struct err;

// TEXT, a configuration, with NAME of SECTION set to VALUE: in the line that sets it, else at the end of its section,
// else in a section of its own at the end. Everything else stays as it is. Owned by the caller.
char *settings_edit(const char *text, const char *section, const char *name, const char *value);

// Where settings_save() writes: FILE, or the user's own; NULL when the environment names no home. Owned by the caller.
char *settings_path(const char *file);
// Sets VALUES ("section.name") in the file at PATH, which is made when there is none. Returns 0 or negative errno.
int settings_save(const char *path, const struct params *values, struct err *e);
