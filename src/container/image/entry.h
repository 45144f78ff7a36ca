// Creates files from the entries of an archive. Archives are untrusted: names are relative to descriptors that the
// caller has resolved, and nothing follows a symbolic link.
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "tar.h"

// The target of an entry.
struct entry_place {
	int parent; // O_PATH descriptor of its directory
	const char *name;
};

// "./a/b/" → "a/b", "" for the root itself ("/", "."), NULL for names with "..", and for names that are too long (the
// name of a whiteout is longer than that of its file). Owned.
char *entry_clean_name(const char *path);
// Whether an archive may set, and contain, the extended attribute NAME.
bool entry_allows_xattr(const char *name);

enum { ENTRY_LEFT_OUT = 1 };
// Creates ENTRY, which must not exist unless it is a directory, with its data, owner, extended attributes, time and
// mode, but for the mode of a directory. Hard links are the caller's. With KEEP_OWNER false the owner remains, and
// with it nothing is set that would give its rights away: set-user-ID, set-group-ID, capabilities. Returns 0,
// ENTRY_LEFT_OUT if nothing was created (a socket, or a device without the right to create one), or negative errno.
int entry_create(struct tar *t, struct archive_entry *entry, const struct entry_place *at, bool keep_owner,
                 struct err *e);
// Adds the data of a regular file to TEXT. Returns 0 or negative errno: -EFBIG if it has more than LIMIT bytes.
int entry_read(struct tar *t, size_t limit, struct str *text, struct err *e);
// Writes only the data of a regular file to FD.
int entry_write_data(struct tar *t, struct archive_entry *entry, int fd, struct err *e);
// Writes a regular file with all of that to FD.
int entry_write(struct tar *t, struct archive_entry *entry, int fd, bool keep_owner, struct err *e);
// The mode of ENTRY that goes with that.
mode_t entry_mode(struct archive_entry *entry, bool keep_owner);
