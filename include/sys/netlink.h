// Network interfaces through rtnetlink(7).
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/str.h"

// Sets the interface NAME up in this process's network namespace. Returns 0 or negative errno.
int netlink_set_up(const char *name, struct err *e);
// Moves the interface NAME into the network namespace NETNS_FD and renames it to NEW_NAME (NULL: keeps its name).
// Needs CAP_NET_ADMIN in both.
int netlink_move(const char *name, int netns_fd, const char *new_name, struct err *e);
// Adds the address "10.0.0.2/24" or "fd00::2/64" to NAME.
int netlink_add_address(const char *name, const char *address, struct err *e);
// Appends the permanent addresses of NAME with more than link scope to *ADDRESSES, as "10.0.0.2/24". Returns 0 or
// negative errno.
int netlink_addresses(const char *name, struct strv *addresses, struct err *e);
