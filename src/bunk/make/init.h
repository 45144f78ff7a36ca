// SPDX-License-Identifier: LGPL-2.1-or-later
// Creating a container: the child's side.
#pragma once

#include <sys/types.h>

#include "base/err.h"
#include "bunk/container/container.h"
#include "bunk/container/phase.h"

// Executes the child's steps; reports a failure to the parent with the name of the step, over REPLY or SYNC.
_Noreturn void steps_run(struct container *c, const struct step *steps, size_t count);
// closes the parent's descriptors, joins the groups, waits for PHASE_GO
int step_begin(struct container *c, struct err *e);
int step_keyring(struct container *c, struct err *e);
// Clones with FLAGS (and into C's group on v2) like fork(2). Returns the pid, 0 in the child, or negative errno.
pid_t process_clone(struct container *c, unsigned long flags);
// The child, from clone to execve. Never returns.
_Noreturn void init_run(struct container *c);
// The same for another process in a running container.
_Noreturn void init_exec(struct container *c);
