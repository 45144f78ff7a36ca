// Restoring the networks of one container after another program has damaged them.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "container/network/record/state.h"
#include "space.h"

// netlink_read_rules() for hostel's rules: those in TABLE, and those in the tables of other programs.
uint32_t network_read_changes(int rules, const char *table, uint32_t damaged);
// Whether the interface LINK is connected to BRIDGE, which is up.
bool network_is_connected(const char *link, const char *bridge);
// Restores what is missing: bridges, DNS servers, the links of CONTAINER, and the rules if they are DAMAGED
// (network_read_changes()) and not restored by another process according to RULES, which listens for changes. Adds to
// DONE what that was, separated by commas. Waits for the lock of the networks. Returns 0 or negative errno.
int network_repair(const char *store, const char *container, int rules, uint32_t damaged, struct str *done,
                   struct err *e);
// The same for an ordinary user's networks, in the namespaces S, including their helper.
int network_repair_space(const char *store, const char *container, const struct network_space *s, struct str *done,
                         struct err *e);
