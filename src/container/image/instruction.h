// Changes of an image's configuration (image-spec config.md) by instructions as in a Containerfile.
#pragma once

#include <jansson.h>

#include "base/err.h"

// Applies INSTRUCTION to the object CONFIG ("config" in the configuration): CMD, ENTRYPOINT, ENV, EXPOSE, LABEL,
// STOPSIGNAL, USER, VOLUME or WORKDIR, and its value. Returns 0, or -EINVAL naming what is wrong.
int instruction_apply(json_t *config, const char *instruction, struct err *e);
// Sets the environment variable of "NAME=VALUE".
void instruction_set_env(json_t *config, const char *pair);
