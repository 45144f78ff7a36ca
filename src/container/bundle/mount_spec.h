// The mounts that a container was created with: -v, --mount and --tmpfs, as text and as structs.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/str.h"
#include "container/store/record.h"

enum mount_type { MOUNT_BIND, MOUNT_VOLUME, MOUNT_TMPFS };

struct mount_spec {
	enum mount_type type;
	char *source;            // a path, or the name of a volume; NULL: a volume without a name, or a tmpfs
	char *target;            // absolute, without "." and ".."
	char *propagation;       // "rslave" …; NULL = rprivate
	struct strv sizes;       // of a tmpfs: "size=1048576", "mode=700" …
	bool read_only, flat;    // FLAT: without the mounts below the source
	bool allow_exec, forbid_exec, allow_suid, allow_dev;
	bool relabel, own;       // OWN: change the owner of everything in it to the container's user
	bool empty;              // of a volume: nothing is copied from the image on first use
	bool anonymous;          // of a volume: deleted with its last container, on request
};
void mount_spec_done(struct mount_spec *m);

struct mount_specs {
	struct mount_spec *items;
	size_t count;
};
void mount_specs_done(struct mount_specs *m);
static inline void auto_mount_specs_run(struct mount_specs *m)
{
	mount_specs_done(m);
}
#define auto_mount_specs AUTO(mount_specs) struct mount_specs

// Read "SOURCE:TARGET[:OPTION,…]", "type=bind,source=…", or "PATH[:OPTION,…]" of a tmpfs. Return 0, or -EINVAL or
// -EOPNOTSUPP naming what is wrong. Call mount_spec_done() in either case.
int mount_spec_from_volume(struct mount_spec *m, const char *text, struct err *e);
int mount_spec_from_mount(struct mount_spec *m, const char *text, struct err *e);
int mount_spec_from_tmpfs(struct mount_spec *m, const char *text, struct err *e);
// A volume without a name at PATH, which an image names: nothing else in it has a meaning. Otherwise like the others.
int mount_spec_of_image(struct mount_spec *m, const char *path, struct err *e);
// The text that mount_spec_from_mount() reads. Owned.
char *mount_spec_text(const struct mount_spec *m);

// The mounts asked for in P. Returns 0 or negative errno; two on one target are refused.
int mount_specs_asked(struct mount_specs *m, const struct params *p, struct err *e);
// All mounts of R: those asked for, without volumes that have no name, and those settled when it was created.
int mount_specs_of(struct mount_specs *m, const struct record *r, struct err *e);
// The mount on TARGET, or NULL.
const struct mount_spec *mount_specs_find(const struct mount_specs *m, const char *target);
// Adds a row. The pointer is valid until the next one is added.
struct mount_spec *mount_specs_add(struct mount_specs *m);
// The options of M for the runtime. Adds to OPTIONS.
void mount_spec_options(const struct mount_spec *m, struct strv *options);
