// Testing with a real packet whether packets to a published port pass all rules of this host: it arrives on a
// temporary interface, its way through nftables is traced, and it is dropped before it would leave the host.
#pragma once

#include "base/err.h"
#include "container/network/publish/rules.h"

enum trace_result {
	TRACE_PASSED,
	TRACE_DROPPED,  // by a rule of nftables
	TRACE_VANISHED, // by something else
};
// The name of the table (inet) that exists meanwhile, or longer if this process is killed; TABLE is hostel's. Owned.
char *trace_table(const char *table);
enum { TRACE_COMMITS = 2 }; // transactions of nftables
// Sends a packet to the port P, whose rules for the family are loaded. TABLE is hostel's. Sets *CHAIN to the chain
// that drops the packet, "chain X of table ip Y" (owned), or NULL. Returns an enum trace_result or negative errno (for
// example without /dev/net/tun).
int trace_port(const char *table, const struct rules_port *p, bool ipv6, char **chain, struct err *e);
