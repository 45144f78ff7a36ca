// The configuration of a network's DHCP and DNS server (dnsmasq(8)), and its hosts file. Pure.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "model/address6.h"

#define DNS_DOMAIN "hostel" // NAME and NAME.hostel resolve

struct dns_name {
	uint32_t address;
	const char *name;            // of the container
	const struct strv *aliases;
	struct address6 address6; // zeros: none
};

// The text of dnsmasq.conf for a network whose files are in DIRECTORY. It asks the server UPSTREAM for other names;
// NULL: the host's servers. Owned.
char *dns_configuration(const char *directory, const char *bridge, const struct subnet *subnet, bool isolated,
                        const char *upstream);
// The text of hosts(5). Owned.
char *dns_hosts(const struct dns_name *names, size_t count);
