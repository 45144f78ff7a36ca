// SPDX-License-Identifier: LGPL-2.1-or-later
// What bunk remembers of a container between its verbs.
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "bunk/container/container.h"

// State on disk.
int state_reserve(struct container *c, struct err *e);           // makes the directory; -EEXIST
int state_save(const struct container *c, struct err *e);
int state_save_next(const struct container *c, struct err *e); // beside the present one
// puts that in its place and lets go of the lock and the directory
int state_use_next(struct container *c, struct err *e);

enum state_lock {
	STATE_READ, // none: a verb that changes nothing that is written down
	STATE_LOCK, // against all others that lock, waiting for them
	STATE_TRY,  // the same without waiting: -EWOULDBLOCK
};

// opens and loads state and groups; not the configuration. -ENOENT, -EUCLEAN: damaged
int state_open(struct container *c, enum state_lock lock, struct err *e);
// of one that is open. -ENOENT: another verb has removed it
int state_lock(struct container *c, enum state_lock lock, struct err *e);
void state_unlock(struct container *c);
int state_load_config(struct container *c, struct err *e);
void state_remove(struct container *c);
enum bunk_status state_now(const struct container *c);           // looked at the kernel
enum bunk_status state_alive(const struct container *c);         // the same, where its process is known to live
int state_root(const struct bunk *b, bool make, struct err *e);  // descriptor of the state directory
// the same, made and opened once as C->states_fd. Returns 0 or negative errno
int state_make_root(struct container *c, struct err *e);
int state_check_id(const char *id, struct err *e);
