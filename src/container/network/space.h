// Where an ordinary user's networks are. A user has no rights over the host's network, so all networks of a store are
// in one network namespace, in which they are like root's: bridges, DNS servers, rules. One process, the helper
// (helper.h), connects it to the outside; published ports are forwarded by others (forwarder.h).
//
//   the host's user namespace
//     USER     ids have the same numbers as outside; rights in it include rights in those below
//       OWNER    owns NET; the user is root of it, as helpers expect
//       one for each container, which owns the container's network namespace
//
// No process exists to keep them: each monitor whose container is on a network holds descriptors of them and says so
// in a file, so that other monitors can get them from it. When the last monitor exits or is killed, the helper's
// keeper ends the helper, stops the DNS servers and removes the files. Files below RUN/.space
// (RUN: state.h):
//   holders/PID          PID START-TIME and descriptors of a monitor
//   alive                a FIFO that monitors hold open
//   helper               PID START-TIME of the keeper, and of the helper
#pragma once

#include "base/err.h"
#include "container/network/record/state.h"

struct network_space {
	int user, owner, net;
	int alive; // of the FIFO; -1: this process does not hold the namespaces
};
#define NETWORK_SPACE_NONE ((struct network_space){-1, -1, -1, -1})
void network_space_done(struct network_space *s);

// Holds the namespaces of N (locked): those that other monitors hold, or new ones. This process must keep S open.
// Returns 0 or negative errno.
int network_space_hold(struct network_space *s, const struct networks *n, struct err *e);
// Gets the namespaces of N from a monitor that holds them. Returns 0, -ENOENT (there are none) or
// another negative errno.
int network_space_find(struct network_space *s, const struct networks *n);
// Whether there are any.
bool network_space_exists(const struct networks *n);
// Notes that this process no longer holds them.
void network_space_leave(const struct networks *n);
// After all namespaces of N (locked) are gone: kills the processes that are left, and removes the files.
void network_space_clean(const struct networks *n);
// Calls network_space_clean() if they are gone.
void network_space_tidy(const struct networks *n);
// Calls WORK in a child process with rights over the networks and the containers on them, in the namespace of the
// networks (INSIDE) or in the caller's. Returns what WORK returned or negative errno.
int network_space_run(const struct network_space *s, bool inside, int (*work)(void *context, struct err *e),
                      void *context, struct err *e);

// A pidfd of the helper's keeper, or -ESRCH.
int network_space_helper(const struct networks *n);
// Sets *HELPER to a pidfd of the keeper of S, which is started as a child of this process if there is none. N is
// locked. Returns 0 or negative errno.
int network_space_connect(const struct network_space *s, const struct networks *n, int *helper, struct err *e);

static inline void auto_network_space_run(struct network_space *s)
{
	network_space_done(s);
}
#define auto_network_space AUTO(network_space) struct network_space
