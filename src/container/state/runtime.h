// Running the OCI runtime.
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"
#include "containers.h"
#include "view.h"

// Runs the runtime with the arguments WORDS (NULL-terminated) and waits. INPUT is its standard input, its output is
// appended to OUT (both may be NULL). Returns 0, or negative errno with its error message.
int runtime_run(struct containers *c, const char *const words[], const char *input, struct str *out, struct err *e);
// Whether the runtime has a container ID. Its state directory is authoritative about what a killed monitor left
// behind.
bool runtime_has(struct containers *c, const char *id);
// Whether the runtime has the container V, by its id. A container that was renamed while it ran keeps the id that it
// was started with; another one may have got its name meanwhile, and is not known then.
bool runtime_knows(struct containers *c, const struct view *v);
// The same for the container NAME, whose record cannot be read: whether the runtime has one of that name that is no
// other container's.
bool runtime_knows_damaged(struct containers *c, const char *name);
// Whether the runtime has a container ID of this store that is none of the store's containers. False while one of
// these cannot be read.
bool runtime_has_orphan(struct containers *c, const char *id);
// An id to start V with: its name if no other container has that id. Owned.
char *runtime_new_id(struct containers *c, const struct view *v);
// To be called before a container is renamed or gets an id that is not its name. Returns a descriptor (to be held
// meanwhile, so that a search for used ids finds each container by one of its names) or negative errno.
int runtime_lock_ids(struct containers *c, struct err *e);
