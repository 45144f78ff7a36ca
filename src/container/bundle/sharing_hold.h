// Namespaces of other containers, which a container joins (--pid container:NAME, --ipc container:NAME).
#pragma once

#include <sys/types.h>

#include "base/err.h"
#include "container/store/record.h"

// NAME of "container:NAME"; NULL for other values.
const char *sharing_name(const char *value);
// Opens WHAT, a namespace, of the running container NAME, and sets *PID to its first process. Returns a descriptor or
// negative errno: containers of ordinary users cannot be joined, and IPC namespaces only if they are shareable.
int sharing_open(enum shared what, const char *store_path, const char *name, pid_t *pid, struct err *e);
// Opens the namespaces that R joins, and stores the paths of the descriptors in R, for bundle_make(): a pid could be
// reused before the runtime has entered the namespace. The caller then calls sharing_release(), also after an error.
// Returns 0 or negative errno.
int sharing_hold(struct record *r, const char *store_path, int held[SHARED_COUNT], struct err *e);
void sharing_release(int held[SHARED_COUNT]);
