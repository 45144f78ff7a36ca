// What the parameters of a container say about its network.
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "container/store/record.h"

enum network_mode {
	NETWORK_NONE,      // a namespace of its own, loopback only
	NETWORK_HOST,
	NETWORK_CONTAINER, // the namespace of another container
	NETWORK_PATH,      // the namespace at a path
	NETWORK_NAMED,     // a namespace of its own, on networks (attachment.h)
};
struct network_choice {
	enum network_mode mode;
	const char *of; // container or path; points into the record; NULL in the other modes
};
struct network_choice network_choose(const struct record *r);
// Whether R asks for an ordinary user's private network.
bool network_is_private(const struct record *r);
// Refuses invalid parameters, and combinations that would have no effect. Returns 0 or negative errno.
int network_check(const struct record *r, struct err *e);
// Refuses a name for this host if it has no address in R's networks (R->join). Returns 0 or -EINVAL.
int network_check_host(const struct record *r, struct err *e);
