// Options of `create` that map to a place in the OCI configuration, one row each (settings.c). They are applied to
// the configuration that bundle_make() has generated.
#pragma once

#include <jansson.h>

#include "base/err.h"
#include "container/store/record.h"

// Adds the limits of R to linux.resources.
void settings_limit(const struct record *r, json_t *resources);
// Checks the limits of R that depend on each other. Returns 0 or -EINVAL.
int settings_check_limits(const struct record *r, struct err *e);
// Applies all other options of R to DOCUMENT. STORE_PATH is used to find other containers. Returns 0 or negative errno
// with the option in E.
int settings_apply(const struct record *r, const char *store_path, json_t *document, struct err *e);
// The host's device nodes and everything else that --privileged grants (privileged.c).
void privileged_apply(json_t *document);
// --security-opt VALUE (security.c). Returns 0 or negative errno.
int security_apply(json_t *document, const char *value, struct err *e);
// Namespaces shared with the host or another container (sharing.c): the option NAME with VALUE. Return 0 or negative
// errno.
struct sharing_target {
	json_t *document;
	const struct record *r;
	const char *store;
	struct err *e;
};
int sharing_pid(const struct sharing_target *t, const char *value);
int sharing_ipc(const struct sharing_target *t, const char *value);
void sharing_with_host(json_t *document, const char *type);
// Reads the seccomp profile FILE, in the format of docker or of the OCI, for a container with CAPABILITIES (a
// list). A new reference, or NULL with E set (seccomp_file.c).
json_t *seccomp_file_read(const char *file, const json_t *capabilities, struct err *e);
