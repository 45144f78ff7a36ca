// Forwarding of packets by this host: enabled for networks that lead outside, and disabled again after the last one.
#pragma once

#include "base/err.h"
#include "container/network/record/state.h"

enum forwarding { FORWARD_IPV4, FORWARD_IPV6, FORWARD_COUNT };
// Enables it. If it was disabled, a file beside the networks of all stores says so. Returns 0 or negative errno.
int forwarding_enable(const struct networks *n, enum forwarding which, struct err *e);
// To be called when a network has been taken down: disables forwarding if it was disabled before, no network of any
// store is up, and nothing else can need it. A program that enables what is already enabled leaves no trace, but one
// that forwards packets has interfaces of its own, which are newer.
void forwarding_restore(const struct networks *n);
