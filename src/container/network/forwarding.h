// Forwarding of packets by this host: switched on for networks that lead outside, and off again after the last.
#pragma once

#include "base/err.h"
#include "state.h"

enum forwarding { FORWARD_IPV4, FORWARD_IPV6, FORWARD_COUNT };
// Switches it on. If it was off, a file beside the networks of all stores says so. Returns 0 or negative errno.
int forwarding_enable(const struct networks *n, enum forwarding which, struct err *e);
// To be called when a network has been taken down: switches it off if it was off before, no network of any store is
// up, and nothing else can need it: another program that switches it on while it is on leaves no trace, but one that
// forwards packets has interfaces of its own, which are newer.
void forwarding_restore(const struct networks *n);
