// From a record to an OCI bundle's config.json: what a container may see and do by default.
#pragma once

#include <jansson.h>

#include "base/err.h"
#include "container/store/record.h"
#include "sys/cgroup.h"

// DIRECTORY is the container's, absolute. Returns the JSON text, owned, or NULL with E set (a user that the image does
// not know, a wrong volume …).
char *bundle_make(const struct record *r, const char *directory, const char *store_path, struct err *e);
// Adds the paths inside on which R has volumes (host_place).
void bundle_places(const struct record *r, struct strv *places);
// linux.resources of R alone, for a change while it runs. Owned.
char *bundle_resources(const struct record *r);
// The control group of container NAME, the same in every hierarchy, and not that of its namesake in another store.
// Owned.
char *bundle_cgroup(const char *name, const char *store_path);
// The group that the container's first process PID really is in, when that is one of its own; else NULL (no right to
// make one). Owned.
char *bundle_cgroup_of(const struct cgroup_layout *layout, const char *name, pid_t pid);
// The command as one line for people. Owned, may be NULL.
char *bundle_command(const struct record *r);
// Whether its image or what was asked for sets the environment variable NAME.
bool bundle_sets(const struct record *r, const char *name);
// "SIZE", "0.5" … of the record as numbers; 0 = no limit.
uint64_t bundle_memory(const struct record *r);
// Refuses a memory limit with which no container starts.
int bundle_check_memory(const struct record *r, struct err *e);
double bundle_cpus(const struct record *r);
// The default seccomp profile (seccomp_profile.c), as linux.seccomp. A new reference.
json_t *bundle_seccomp(void);
