// Changes of network interfaces and of nftables rules, as the kernel announces them.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

// Listen for changes of interfaces, for changes of rules, and for the verdicts of rules on traced packets ("meta
// nftrace") in this process's network namespace. Return a non-blocking descriptor or negative errno.
int netlink_listen_links(void);
int netlink_listen_rules(void);
int netlink_listen_traces(void);
// The same only for interfaces that are deleted or removed from a bridge.
int netlink_listen_deletions(void);
// Reads everything that FD, from netlink_listen_deletions(), has received. Returns whether an interface in NAMES
// (sorted) was deleted or removed, or messages were lost.
bool netlink_read_deletions(int fd, const struct strv *names);
// From now on FD, which listens for changes of interfaces, is readable only after changes of the COUNT interfaces
// INDEXES; with COUNT = 0, of any. The kernel filters them: other changes do not wake this process.
void netlink_filter_links(int fd, const int *indexes, size_t count);
// Reads everything that FD, from netlink_listen_links(), has received. Returns whether there was anything.
bool netlink_read_links(int fd);
// Reads everything that FD, from netlink_listen_rules(), has received. DAMAGED has a bit (1 << NFPROTO_…) for each
// family whose table TABLE has lost something; returns its new value: a deletion sets the bit, the creation of the
// table clears it. NETLINK_RULES_OF_OTHERS is set if another table has lost a rule with COMMENT, or has got a chain
// that may drop forwarded packets, unless its name and TABLE are equal up to the first "_"; it is cleared together
// with any other bit. If messages were lost, all bits are set.
#define NETLINK_RULES_OF_OTHERS (1u << 31)
uint32_t netlink_read_rules(int fd, const char *table, const char *comment, uint32_t damaged);

// Sets *GENERATION to the number of transactions that have changed the nftables rules of this network namespace.
// Returns false if the kernel does not report it.
bool netlink_rules_generation(uint32_t *generation);

// Whether this network namespace has the table NAME of nftables, of family inet or, if BRIDGE, bridge.
bool netlink_has_table(bool bridge, const char *name);

// A chain of nftables that dropped or rejected a packet.
struct netlink_drop {
	const char *family; // "ip", "inet" …
	char *table, *chain;
};
void netlink_drop_done(struct netlink_drop *d);
// Reads what FD, from netlink_listen_traces(), has received, up to the first drop. Returns whether there was one; D
// then describes it. The caller frees it.
bool netlink_read_drop(int fd, struct netlink_drop *d);
