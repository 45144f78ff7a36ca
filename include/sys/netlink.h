// Network interfaces through rtnetlink(7): the only place that knows its messages.
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/str.h"

// Sets the interface NAME up in this process's network namespace. Returns 0 or negative errno.
int netlink_set_up(const char *name, struct err *e);
// Moves the interface NAME into the network namespace NETNS_FD, there called NEW_NAME (NULL: the same). Needs
// CAP_NET_ADMIN in both.
int netlink_move(const char *name, int netns_fd, const char *new_name, struct err *e);
// Gives NAME the address "10.0.0.2/24" or "fd00::2/64".
int netlink_add_address(const char *name, const char *address, struct err *e);
// Adds the lasting addresses of NAME that are valid beyond its link to *ADDRESSES, as "10.0.0.2/24". Returns 0 or
// negative errno.
int netlink_addresses(const char *name, struct strv *addresses, struct err *e);
