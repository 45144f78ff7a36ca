// The parts of an OCI configuration that bundle_make() combines. JSON values are new references.
#pragma once

#include <stdbool.h>

#include <jansson.h>

#include "account.h"
#include "base/err.h"
#include "container/store/record.h"

// The mounts, in their order (mounts.c). NULL with E set: a volume that does not exist, an invalid mount.
json_t *mounts_section(const struct record *r, const char *directory, const char *store_path, struct err *e);
// The propagation of the root; NULL = none. Not owned.
const char *mounts_propagation(const struct record *r);
// The paths that are hidden, and those that are read-only.
json_t *mounts_masked(const struct record *r, const char *store_path);
json_t *mounts_read_only(void);
// The names of the capabilities (capabilities.c).
json_t *capabilities_section(const struct record *r);
// linux.resources, without the devices (limits.c).
json_t *limits_section(const struct record *r);
// The Linux part: namespaces, limits, system call filter and so on (linux.c).
json_t *linux_section(const struct record *r, const char *store_path);
// The command, its environment and privileges, for the user A (process.c). Sets E and returns NULL if there is no
// command.
json_t *process_section(const struct record *r, const struct account *a, struct err *e);
// Fills A with the user of R, from the files of the container in DIRECTORY. Returns 0 or negative errno.
int process_account(struct account *a, const struct record *r, const char *directory, struct err *e);
