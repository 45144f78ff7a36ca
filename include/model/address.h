// IPv4 subnets, addresses and MAC addresses of networks and their members. Pure: the caller says what is in use.
// Addresses are numbers in host byte order; 0 means none.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct subnet {
	uint32_t base;
	unsigned prefix; // length, 8…29
};
enum { MAC_SIZE = 6 };

int address_parse(const char *text, uint32_t *address); // returns 0 or -EINVAL
char *address_text(uint32_t address);                   // owned
int mac_parse(const char *text, unsigned char mac[MAC_SIZE]); // "02:00:0a:57:00:05"; unicast; returns 0 or -EINVAL
char *mac_text(const unsigned char mac[MAC_SIZE]);            // owned
// The MAC address of a container: as unique in its network as its address.
void mac_of_address(uint32_t address, unsigned char mac[MAC_SIZE]);

// "10.87.0.0/24"; returns 0, or -EINVAL also for addresses with a meaning of their own, such as 127.0.0.0/8.
int subnet_parse(const char *text, struct subnet *s, struct err *e);
char *subnet_text(const struct subnet *s);            // owned
uint32_t subnet_mask(const struct subnet *s);
bool subnet_overlaps(const struct subnet *a, const struct subnet *b);
// The host's address in S, the first one.
uint32_t subnet_gateway(const struct subnet *s);
// Whether ADDRESS can be a container's: not the network's, the host's or the broadcast address.
bool subnet_has(const struct subnet *s, uint32_t address);
// The first and last address that the network's DHCP server gives out: the upper half.
void subnet_dhcp_range(const struct subnet *s, uint32_t *first, uint32_t *last);
// An address of the lower half that is not in USED (COUNT addresses). KEY is a hash of the container: it gets the same
// address again while that is free. Returns 0 if all are in use.
uint32_t subnet_choose_address(const struct subnet *s, uint32_t key, const uint32_t *used, size_t count);
// The first /24 of 10.87.0.0/16 that overlaps none of TAKEN. Returns false if there is none.
bool subnet_choose(struct subnet *s, const struct subnet *taken, size_t count);
