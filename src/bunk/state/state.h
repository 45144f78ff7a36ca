// SPDX-License-Identifier: LGPL-2.1-or-later
// The state of a container on disk, between verbs.
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "bunk/container/container.h"

// Writing the state.
int state_reserve(struct container *c, struct err *e);           // makes the directory; -EEXIST
int state_save(const struct container *c, struct err *e);
int state_save_next(const struct container *c, struct err *e); // writes a new file beside the present one
// replaces the present one by it and releases the lock and the directory
int state_use_next(struct container *c, struct err *e);

enum state_lock {
	STATE_READ, // none: the verb does not change the state
	STATE_LOCK, // exclusive, waiting for other holders
	STATE_TRY,  // the same without waiting: -EWOULDBLOCK
};

// opens and loads state and groups, not the configuration. -ENOENT, -EUCLEAN: damaged
int state_open(struct container *c, enum state_lock lock, struct err *e);
// locks an open one. -ENOENT: another verb has removed it
int state_lock(struct container *c, enum state_lock lock, struct err *e);
void state_unlock(struct container *c);
int state_load_config(struct container *c, struct err *e);
void state_remove(struct container *c);
enum bunk_status state_now(const struct container *c);           // from the kernel
enum bunk_status state_alive(const struct container *c);         // the same if its process is known to be alive
int state_root(const struct bunk *b, bool make, struct err *e);  // descriptor of the state directory
// creates it if necessary and opens it as C->states_fd. Returns 0 or negative errno
int state_make_root(struct container *c, struct err *e);
int state_check_id(const char *id, struct err *e);
