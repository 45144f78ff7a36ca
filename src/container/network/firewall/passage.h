// Whether packets to and from hostel's networks pass the rules of other programs: opening their firewalls, and testing
// the result, once hostel's own rules are loaded.
#pragma once

#include "container/network/publish/rules.h"
#include "container/network/record/state.h"
#include "facts.h"

// The networks and ports of hostel's rules.
struct passage {
	const struct rules_network *networks;
	size_t network_count;
	const struct rules_port *ports;
	size_t port_count;
};
// Opens other programs' firewalls for P, and sends a test packet if their rules may drop it, unless both was done
// before and nothing has changed: BEFORE is the state before hostel's rules were loaded, by one transaction (NULL:
// unknown). CHAINS is what `nft list chains` prints. passage_obstacle() says what failed.
void passage_open(const struct networks *n, const struct passage *p, const char *chains,
                  const struct firewall_stamp *before);
// Why published ports could not be reached when the rules were loaded. Owned; NULL if they could.
char *passage_obstacle(const struct networks *n);
