// The network of an ordinary user's container: on the user's networks (space.h), or a private one (helper.h). It is
// connected once the runtime has created the container, and with it the network namespace, which belongs to the
// container's user namespace.
#pragma once

#include "base/err.h"
#include "base/str.h"
#include "container/network/record/state.h"
#include "container/store/record.h"
#include "network.h"

// See network.h; N is locked.
int user_network_join(const char *store, struct record *r, struct network_hold *hold, struct err *e);
int user_network_connect(const char *store, const struct record *r, struct network_hold *hold, pid_t pid,
                         struct err *e);
void user_network_leave(const struct networks *n, const char *container);
int user_network_sweep(const struct networks *n, bool remove, struct strv *found, struct err *e);
