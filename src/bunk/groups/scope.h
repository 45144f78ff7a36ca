// SPDX-License-Identifier: LGPL-2.1-or-later
// Control groups that systemd makes.
#pragma once

#include <sys/types.h>

#include "base/err.h"
#include "bunk/container/container.h"

// Groups that systemd makes: the unit's names from linux.cgroupsPath, and its place in the tree (owned).
int scope_name(struct groups *g, const char *path, const char *id, struct err *e);
char *scope_group(const struct groups *g);
// Asks the manager for the scope, with PID in it; for other limits; for its end (one that is gone is no error). Each
// returns when it has happened.
int scope_start(const struct container *c, pid_t pid, struct err *e);
int scope_update(const struct container *c, const struct resources *resources, struct err *e);
int scope_stop(const struct groups *g, struct err *e);
// One more process for a scope: reaching the manager, while its socket can be seen, and asking it to move PID into the
// group or one BELOW it.
struct dbus;
int scope_reach(struct dbus **d, struct err *e);
int scope_attach(struct dbus *d, const struct groups *g, const char *below, pid_t pid, struct err *e);
