// SPDX-License-Identifier: LGPL-2.1-or-later
// The root file system of a container.
#pragma once

#include "base/err.h"
#include "bunk/container/container.h"

// The root file system: mounts, devices, masks; leaves *ROOT_FD open on the new root.
int rootfs_build(struct container *c, int *root_fd, struct err *e);
// Makes it read-only, where the configuration wants that.
int rootfs_protect(const struct container *c, int root_fd, struct err *e);
// Enters it for good.
int rootfs_enter(const struct container *c, int root_fd, struct err *e);
// The same without pivot_root(2): moves it over the old root, whose mounts are detached or covered first.
int rootfs_move(const struct container *c, int root, struct err *e);
// chroot(2) to a directory: all that can be done in a mount namespace that others are in.
int rootfs_change(int root_fd, struct err *e);
