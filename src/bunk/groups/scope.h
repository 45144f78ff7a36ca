// SPDX-License-Identifier: LGPL-2.1-or-later
// Control groups that systemd makes.
#pragma once

#include <sys/types.h>

#include "base/err.h"
#include "bunk/container/container.h"

// A scope of systemd: the names of its units from linux.cgroupsPath, and its place in the tree (owned).
int scope_name(struct groups *g, const char *path, const char *id, struct err *e);
char *scope_group(const struct groups *g);
// Create the scope with PID in it, change its limits, stop it (a missing one is not an error). Each returns when
// systemd's job is complete.
int scope_start(const struct container *c, pid_t pid, struct err *e);
int scope_update(const struct container *c, const struct resources *resources, struct err *e);
int scope_stop(const struct groups *g, struct err *e);
// Adding a process to a scope: connects to the manager while its socket is visible, then has it move PID into the
// group or one BELOW it.
struct dbus;
int scope_reach(struct dbus **d, struct err *e);
int scope_attach(struct dbus *d, const struct groups *g, const char *below, pid_t pid, struct err *e);
