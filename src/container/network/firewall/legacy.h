// The tables of iptables-legacy, whose changes the kernel does not announce.
#pragma once

#include <stdbool.h>
#include <stdint.h>

// Whether this network namespace has a table NAME (NULL: any), of ip6tables if IPV6.
bool legacy_has_table(bool ipv6, const char *name);
// A hash of all their rules, without counters; 0 if there are none, or they cannot be read.
uint64_t legacy_hash(void);
