// SPDX-License-Identifier: LGPL-2.1-or-later
// Creating mounts and attaching them, all by descriptor.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "bunk/container/container.h"

// Attaches the detached mount TREE to the directory or file TARGET; errors call it WHERE.
int mounts_place(int tree, int target, struct err *e, const char *where);
// Sets and clears MOUNT_ATTR_… and sets the propagation (MS_…) of TREE, with BELOW recursively. Returns 0 or negative
// errno.
int mounts_set(int tree, uint64_t set, uint64_t clear, uint64_t propagation, bool below);
// Whether fsconfig(2) accepts M's options: they are short and none is for mount(2) only.
bool mounts_fit(const struct plan_mount *m);
// Creates a file system of TYPE with M's options as a detached mount. Returns its descriptor.
int mounts_new(const struct container *c, const struct plan_mount *m, const char *type, struct err *e);
// The same, mounted on TARGET with one system call instead of six. Returns false if M needs more than that or if it
// fails; then nothing was done, and mounts_new() tells why.
bool mounts_at_once(const struct container *c, const struct plan_mount *m, int target);
// The same, mounted on TARGET directly, for options of any length.
int mounts_long(const struct container *c, const struct plan_mount *m, int target, struct err *e);
// Opens the mount on top of TARGET, where open_tree(2) and paths of descriptors lead below it. Returns a descriptor or
// negative errno.
int mounts_top(int target);
// Mounts M, an overlay with the option "publiconly", on TARGET. Returns 0 or negative errno.
int mounts_public(const struct container *c, const struct plan_mount *m, int target, struct err *e);
// Clones the mount at SOURCE below the descriptor AT ("": AT itself) as a detached mount. Returns its descriptor.
int mounts_bind(int at, const char *source, bool recursive, struct err *e);
// Changes the options of the file system on TARGET to M's.
int mounts_change(int target, const struct plan_mount *m, struct err *e);
enum { MOUNTS_COPY_DEPTH = 64 };
// Copies the contents of the directory FROM to the empty directory TO, with FROM's owner (tmpcopyup). Returns 0 or
// negative errno: -ELOOP if directories are nested deeper than MOUNTS_COPY_DEPTH.
int mounts_copy(int from, int to);
// Sets the attributes and propagation of M that differ from those of a new file system.
int mounts_finish(int tree, const struct plan_mount *m, struct err *e);
