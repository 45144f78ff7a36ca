// Generates an OCI bundle's config.json from a record, with the defaults for what a container may see and do.
#pragma once

#include <jansson.h>

#include "base/err.h"
#include "container/store/record.h"
#include "sys/cgroup.h"

// DIRECTORY is the container's (absolute). Returns the JSON text, owned, or NULL with E set (unknown user, invalid
// volume …).
char *bundle_make(const struct record *r, const char *directory, const char *store_path, struct err *e);
// Adds the mount points of R's volumes in the container (host_place()).
void bundle_places(const struct record *r, struct strv *places);
// Finds the user that the command of R runs as, before the container has its own files. Returns 0 or negative errno.
int bundle_user(const struct record *r, uid_t *uid, gid_t *gid, struct err *e);
// Only linux.resources of R, to update a running container. Owned.
char *bundle_resources(const struct record *r);
// The control group of container NAME, the same in every hierarchy. Containers of the same name in other stores have
// other groups. Owned.
char *bundle_cgroup(const char *name, const char *store_path);
// The group that the container's first process PID is actually in, if it is one of hostel's; else NULL (no permission
// to create one). Owned.
char *bundle_cgroup_of(const struct cgroup_layout *layout, const char *name, pid_t pid);
// Whether the container NAME, whose first process is PID, is paused.
bool bundle_is_frozen(const struct cgroup_layout *layout, const char *name, pid_t pid);
// The command as one line, for display. Owned, may be NULL.
char *bundle_command(const struct record *r);
// Whether the image or the parameters set the environment variable NAME.
bool bundle_sets(const struct record *r, const char *name);
// The limits of the record as numbers: bytes, CPUs; 0 = no limit.
uint64_t bundle_memory(const struct record *r);
// Returns -EINVAL for a memory limit too low to start any container, else 0.
int bundle_check_memory(const struct record *r, struct err *e);
double bundle_cpus(const struct record *r);
// The default seccomp profile (seccomp_profile.c), as linux.seccomp. A new reference.
json_t *bundle_seccomp(void);
