// Changes of network interfaces and of nftables rules, as the kernel announces them.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Listen for changes of interfaces, of rules, and for what rules decide on traced packets ("meta nftrace"), in
// this process's network namespace. Return a descriptor that does not block, or negative errno.
int netlink_listen_links(void);
int netlink_listen_rules(void);
int netlink_listen_traces(void);
// From now on FD, which listens for changes of interfaces, is readable only after changes of the COUNT interfaces
// INDEXES; with COUNT = 0, of any. The kernel does that: other changes cost this process nothing.
void netlink_filter_links(int fd, const int *indexes, size_t count);
// Reads all that FD, which listens for changes of interfaces, has received. Returns whether there was anything.
bool netlink_read_links(int fd);
// Reads all that FD, which listens for changes of rules, has received. DAMAGED has a bit (1 << NFPROTO_…) for each
// family whose table TABLE has lost something; returns what it is after the changes: a deletion sets the bit, the
// table's creation clears it. NETLINK_RULES_OF_OTHERS is set if another table has lost a rule with COMMENT, or has got
// a chain that may drop forwarded packets, unless its name and TABLE are the same up to the first "_"; it is
// cleared with any of the others. If messages were lost, all are set.
#define NETLINK_RULES_OF_OTHERS (1u << 31)
uint32_t netlink_read_rules(int fd, const char *table, const char *comment, uint32_t damaged);

// A chain of nftables that dropped or rejected a packet.
struct netlink_drop {
	const char *family; // "ip", "inet" …
	char *table, *chain;
};
void netlink_drop_done(struct netlink_drop *d);
// Reads what FD, which listens for traces, has received, up to the first drop. Returns whether there was one; D then
// describes it. The caller frees it.
bool netlink_read_drop(int fd, struct netlink_drop *d);
