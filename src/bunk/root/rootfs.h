// SPDX-License-Identifier: LGPL-2.1-or-later
// The root file system of a container.
#pragma once

#include "base/err.h"
#include "bunk/container/container.h"

// Builds the root file system: mounts, devices, masks. *ROOT_FD becomes a descriptor of the new root.
int rootfs_build(struct container *c, int *root_fd, struct err *e);
// Makes it read-only if the configuration says so.
int rootfs_protect(const struct container *c, int root_fd, struct err *e);
// Enters it by pivot_root(2).
int rootfs_enter(const struct container *c, int root_fd, struct err *e);
// The same without pivot_root(2): moves it over the old root after detaching or covering the mounts there.
int rootfs_move(const struct container *c, int root, struct err *e);
// Enters a directory by chroot(2), the only way in a mount namespace that others are in.
int rootfs_change(int root_fd, struct err *e);
