// Publishing what the networks that are up need: their rules, and the names of their containers.
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "container/network/record/state.h"

// If endpoints have changed, replaces the rules and names by those of all networks that are up. Returns 0, or negative
// errno if a network cannot be read: then nothing is changed.
int networks_publish(const struct networks *n, struct err *e);
// Adds the tables of N (locked) that no network needs: networks_publish() removes them.
void networks_find_tables(const struct networks *n, struct strv *found);
// Whether containers can send only with their own MAC and IP addresses, which needs a kernel with nftables for
// bridges.
bool networks_check_sources(const struct networks *n);
