// The volumes of this host, for the engine. Thread-safe.
#pragma once

#include "base/err.h"
#include "base/str.h"
#include "container/containers.h"
#include "model/measures.h"

// Creates an empty volume. Sets *NAME (owned by the caller). Returns 0, -EEXIST or another negative errno.
int containers_volume_create(struct containers *c, const struct params *p, const struct job *job, char **name,
                             struct err *e);
// Whether P describes a volume of the store rather than a libvirt volume.
bool containers_volume_suits(const struct params *p);
// Whether containers_volume_act() implements VERB.
bool containers_volume_do(enum verb verb);
int containers_volume_act(struct containers *c, const char *name, enum verb verb, const struct params *p,
                          const struct job *job, struct err *e);
// Writes a backup of a volume to descriptor 1, or restores it from the archive on 0 (parameter "force": also if the
// volume exists and no running container mounts it). Returns 0 or negative errno.
int containers_volume_stream(struct containers *c, const char *name, enum stream stream, const struct params *p,
                             struct err *e);
// Appends the details of a volume as "name: value" lines; there are no other documents. Returns 0 or negative errno.
int containers_volume_read(struct containers *c, const char *name, enum document what, struct str *text,
                           struct err *e);
// The space of all volumes, as a table (DOCUMENT_SPACE). Returns 0 or negative errno.
int containers_volume_space(struct containers *c, struct str *text, struct err *e);
