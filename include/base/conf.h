// The grammar of the files that users write, configuration and themes: sections, `name = value`, comments with # or ;.
#pragma once

#include <stddef.h>

#include "base/err.h"

// NAME (a file or directory) in the directory of the user's own configuration, ~/.config/hostel; NULL if the
// environment has no home directory. Owned by the caller.
char *conf_own_path(const char *name);
#define CONF_OWN "hostel.conf" // the user's settings

// Called for each `name = value`. Returns 0, or negative errno with the message in E; file and line are added to it.
typedef int conf_handler(void *context, const char *section, const char *name, const char *value, struct err *e);

// Reads the file at PATH. Every error reads "PATH:LINE: section.name: what is wrong". Returns 0 or negative errno
// (-ENOENT: no such file, -EINVAL: the file has an error). Reading stops at the first error.
int conf_read_file(const char *path, conf_handler *handler, void *context, struct err *e);

// The same for TEXT; errors call it NAME.
int conf_read_text(const char *name, const char *text, conf_handler *handler, void *context, struct err *e);
