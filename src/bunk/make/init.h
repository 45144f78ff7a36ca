// SPDX-License-Identifier: LGPL-2.1-or-later
// Making a container: the child's side.
#pragma once

#include <sys/types.h>

#include "base/err.h"
#include "bunk/container/container.h"
#include "bunk/container/phase.h"

// The child's; a failure is reported to the parent with the step's name, over REPLY or SYNC.
_Noreturn void steps_run(struct container *c, const struct step *steps, size_t count);
// lets go of what is the parent's, joins the groups, waits for PHASE_GO
int step_begin(struct container *c, struct err *e);
int step_keyring(struct container *c, struct err *e);
// Clones with FLAGS (and into C's group on v2) like fork(2). Returns the pid, 0 in the child, or negative errno.
pid_t process_clone(struct container *c, unsigned long flags);
// The child's side, from clone to execve. Never returns.
_Noreturn void init_run(struct container *c);
// The same for one more process in a running container.
_Noreturn void init_exec(struct container *c);
