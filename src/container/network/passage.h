// The passage for packets to and from hostel's networks through the rules of other programs, once hostel's own rules
// are loaded.
#pragma once

#include "rules.h"
#include "state.h"

// What hostel's rules are about.
struct passage {
	const struct rules_network *networks;
	size_t network_count;
	const struct rules_port *ports;
	size_t port_count;
};
// Opens the passage for P, and sends a packet through it if other programs have rules that may drop it. CHAINS is what
// `nft list chains` prints. passage_obstacle() tells what failed.
void passage_open(const struct networks *n, const struct passage *p, const char *chains);
// Why published ports cannot be reached, as far as that was known when the rules were loaded. Owned; NULL if they can.
char *passage_obstacle(const struct networks *n);
