// Published ports of a container or guest. Pure.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

enum port_family { PORT_BOTH, PORT_IPV4, PORT_IPV6 };
struct port {
	uint32_t address; // of the host if it is IPv4, host byte order; 0 = all of its addresses of FAMILY
	uint16_t outside; // 0: to be chosen
	uint16_t inside;
	bool udp;
	enum port_family family;    // PORT_BOTH: no address was given
	unsigned char address6[16]; // if it is IPv6; zeros = all of its IPv6 addresses
};
struct ports {
	struct port *items;
	size_t count;
};
void ports_done(struct ports *p);
void ports_add(struct ports *p, const struct port *port);
// Adds the ports of TEXT: [[ADDRESS:][OUTSIDE]:]INSIDE[/tcp|/udp], each a port or a range FIRST-LAST of equal length;
// an IPv6 address is in brackets. Without OUTSIDE, the ports of the host are to be chosen. Returns 0 or -EINVAL.
int ports_parse(struct ports *p, const char *text, struct err *e);
// Adds the ports of TEXT, which an image exposes ("80/tcp", "53/udp", "8000-8010"), with ports of the host to be
// chosen, except those that P publishes already. Returns 0 or -EINVAL.
int ports_expose(struct ports *p, const char *text, struct err *e);
// "127.0.0.1:8080:80/udp", "[::1]:8080:80". Owned.
char *port_text(const struct port *p);
// The host's address in P, without brackets: "127.0.0.1", "::1". Owned; NULL if none was given.
char *port_address(const struct port *p);
// How many ports, from index FIRST on, form one range.
size_t ports_range(const struct ports *p, size_t first);
// Adds the texts of all ports; those that follow each other are one range: "5000-5009:5000-5009/udp".
void ports_texts(const struct ports *p, struct strv *texts);
// Whether P is published on all of the host's addresses of its family.
bool port_is_of_all(const struct port *p);
// Refuses ports of P that conflict with each other. Returns 0 or -EINVAL.
int ports_check(const struct ports *p, struct err *e);
// Whether both claim the same port of the same address of the host; a port to be chosen conflicts with none.
bool port_conflicts(const struct port *a, const struct port *b);
