// Finding out whether packets to a published port pass all rules of this host, by a real packet: it arrives on an
// interface that exists for that moment, its way through nftables is traced, and it is dropped before it would leave.
#pragma once

#include "base/err.h"
#include "rules.h"

enum trace_result {
	TRACE_PASSED,
	TRACE_DROPPED,  // by a rule of nftables
	TRACE_VANISHED, // by something else
};
// Sends a packet to the port P, whose rules are loaded. TABLE is hostel's; for that moment there is another table with
// a name that begins with it. *CHAIN becomes the chain that drops the packet, as "chain X of table ip Y" (owned), or
// NULL. Returns an enum trace_result or negative errno (for example without /dev/net/tun).
int trace_port(const char *table, const struct rules_port *p, char **chain, struct err *e);
