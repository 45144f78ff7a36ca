// SPDX-License-Identifier: LGPL-2.1-or-later
// Making one mount and putting it in its place, all by descriptor.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "bunk/container/container.h"

// Puts the detached mount TREE on the directory or file TARGET, called WHERE in errors.
int mounts_place(int tree, int target, struct err *e, const char *where);
// MOUNT_ATTR_… to set and clear, MS_… propagation, of TREE or of all BELOW too. Returns 0 or negative errno.
int mounts_set(int tree, uint64_t set, uint64_t clear, uint64_t propagation, bool below);
// Whether M's options are such that fsconfig(2) takes them: short, and none that only mount(2) knows.
bool mounts_fit(const struct plan_mount *m);
// A new file system of TYPE with M's options as a detached mount. Returns its descriptor.
int mounts_new(const struct container *c, const struct plan_mount *m, const char *type, struct err *e);
// The same on TARGET with one system call in the place of six. Returns false where M takes more than that, or where it
// fails: then nothing was done, and mounts_new() says why.
bool mounts_at_once(const struct container *c, const struct plan_mount *m, int target);
// The same on TARGET at once, for options of any length.
int mounts_long(const struct container *c, const struct plan_mount *m, int target, struct err *e);
// What is mounted on TARGET now, where open_tree(2) and names of descriptors would give what is below. Returns a
// descriptor or negative errno.
int mounts_top(int target);
// Mounts M, an overlay with the option "publiconly", on TARGET. Returns 0 or negative errno.
int mounts_public(const struct container *c, const struct plan_mount *m, int target, struct err *e);
// A clone of the mount at SOURCE below the descriptor AT ("": AT itself) as a detached mount. Returns its descriptor.
int mounts_bind(int at, const char *source, bool recursive, struct err *e);
// Changes the options of the file system that is mounted on TARGET to M's.
int mounts_change(int target, const struct plan_mount *m, struct err *e);
enum { MOUNTS_COPY_DEPTH = 64 };
// Copies what is in the directory FROM into the empty directory TO and gives that FROM's owner (tmpcopyup). Returns 0
// or negative errno: -ELOOP when directories are nested deeper than MOUNTS_COPY_DEPTH.
int mounts_copy(int from, int to);
// The attributes and propagation that M asks for beyond those of a new file system.
int mounts_finish(int tree, const struct plan_mount *m, struct err *e);
