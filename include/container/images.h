// The images of the store, for the engine: verbs on them, and documents about them. An image is named by the digest of
// its manifest.
#pragma once

#include "base/err.h"
#include "base/str.h"
#include "container/containers.h"
#include "model/job.h"
#include "model/stream.h"
#include "model/verb.h"

// Whether containers_image_act() implements VERB.
bool containers_image_do(enum verb verb);
int containers_image_act(struct containers *c, const char *digest, enum verb verb, const struct params *p,
                         const struct job *job, struct err *e);
