// Pushing images of the store to registries, by skopeo(1).
#pragma once

#include <jansson.h>

#include "base/err.h"
#include "container/store/store.h"
#include "model/job.h"

// Pushes the image of DESCRIPTOR to the canonical name TO. Reports bytes to JOB, which can cancel it. Returns 0 or
// negative errno: -ENOENT (skopeo is not installed), -EREMOTEIO (skopeo's message is in E), -ECANCELED.
int image_push(const struct store *s, const json_t *descriptor, const char *to, const struct job *job, struct err *e);
