// The grammar of every file a user writes: configuration and themes. Sections, `name = value`, comments with # or ;.
#pragma once

#include <stddef.h>

#include "base/err.h"

// Called for each `name = value`. Returns 0, or negative with the message in E (without the place: that is added).
typedef int conf_handler(void *context, const char *section, const char *name, const char *value, struct err *e);

// Reads the file at PATH. Every error reads "PATH:LINE: section.name: what is wrong". Returns 0 or negative errno
// (-ENOENT when there is no such file, -EINVAL for anything wrong inside it). Reading stops at the first error.
int conf_read_file(const char *path, conf_handler *handler, void *context, struct err *e);

// The same for TEXT, which is called NAME in errors.
int conf_read_text(const char *name, const char *text, conf_handler *handler, void *context, struct err *e);
