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

// Appends a text about an image of the store, or of a layout that a container uses: its configuration (JSON), details
// or history (DOCUMENT_EVENTS). Returns 0 or negative errno.
int containers_image_read(struct containers *c, const char *digest, enum document what, struct str *text,
                          struct err *e);
// Adds the names that TEXT may stand for (a name without a domain, by registries.conf(5)) to OUT, if there are several
// and the store has none of them.
void containers_image_names(struct containers *c, const char *text, struct strv *out);
// The space of all images, as a table (DOCUMENT_SPACE). Returns 0 or negative errno.
int containers_image_space(struct containers *c, struct str *text, struct err *e);
