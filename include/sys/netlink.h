// Network interfaces through rtnetlink(7).
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/str.h"

// Sets the interface NAME up in this process's network namespace. Returns 0 or negative errno.
int netlink_set_up(const char *name, struct err *e);
// Whether the interface NAME exists and is up.
bool netlink_is_up(const char *name);
// Moves the interface NAME into the network namespace NETNS_FD and renames it to NEW_NAME (NULL: keeps its name).
// Needs CAP_NET_ADMIN in both.
int netlink_move(const char *name, int netns_fd, const char *new_name, struct err *e);
// Adds the address "10.0.0.2/24" or "fd00::2/64" to NAME.
int netlink_add_address(const char *name, const char *address, struct err *e);
// Appends the permanent addresses of NAME with more than link scope to *ADDRESSES, as "10.0.0.2/24". Returns 0 or
// negative errno.
int netlink_addresses(const char *name, struct strv *addresses, struct err *e);

// Creates the bridge NAME with the address MAC, up, in the interface group GROUP (ip-link(8)). Returns 0 or negative
// errno.
int netlink_add_bridge(const char *name, const unsigned char mac[6], uint32_t group, struct err *e);
// Creates a pair of virtual Ethernet interfaces: NAME, up, in GROUP, and on the bridge MASTER (NULL: none); and PEER
// with the address MAC in the network namespace NETNS_FD, down. Returns 0 or negative errno.
int netlink_add_veth(const char *name, uint32_t group, const char *master, const char *peer,
                     const unsigned char mac[6], int netns_fd, struct err *e);
// Connects NAME to the bridge MASTER. Returns 0 or negative errno.
int netlink_set_master(const char *name, const char *master, struct err *e);
// Sets the MTU of the interface NAME. Returns 0 or negative errno.
int netlink_set_mtu(const char *name, uint32_t bytes, struct err *e);
// Lets the bridge send frames back out of NAME, a port of it (hairpin mode). Returns 0 or negative errno.
int netlink_set_hairpin(const char *name, struct err *e);
// Deletes the interface NAME. Returns 0 or negative errno.
int netlink_delete(const char *name, struct err *e);
// Adds a default route through the IPv4 or IPv6 address GATEWAY. Returns 0 or negative errno.
int netlink_add_default_route(const char *gateway, struct err *e);
// Appends the names of the interfaces in GROUP to NAMES. Returns 0 or negative errno.
int netlink_group(uint32_t group, struct strv *names, struct err *e);
// The name of the bridge that NAME is connected to. Owned; NULL if there is none or NAME does not exist.
char *netlink_master(const char *name);
