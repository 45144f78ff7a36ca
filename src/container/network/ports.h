// Published ports of a container. Pure.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct port {
	uint32_t address; // of the host, host byte order; 0 = all of its addresses
	uint16_t outside, inside;
	bool udp;
};
struct ports {
	struct port *items;
	size_t count;
};
void ports_done(struct ports *p);
void ports_add(struct ports *p, const struct port *port);
// Adds the ports of TEXT: [ADDRESS:]OUTSIDE:INSIDE[/tcp|/udp], each a port or a range FIRST-LAST of equal length.
// Returns 0 or -EINVAL.
int ports_parse(struct ports *p, const char *text, struct err *e);
// "127.0.0.1:8080:80/udp". Owned.
char *port_text(const struct port *p);
// Whether both claim the same port of the same address of the host.
bool port_conflicts(const struct port *a, const struct port *b);
