// Capabilities of a host for guests (libvirt.org/formatdomaincaps.html).
#pragma once

#include <stdbool.h>

#include "base/err.h"

struct caps {
	char *emulator, *machine;
	unsigned cpus_max;
	bool passthrough, maximum, uefi;
	bool passt; // libvirt can connect user networks through passt
};
// Fills C (zeroed) from the XML of virConnectGetDomainCapabilities(). Returns 0 or -EINVAL.
int caps_parse(struct caps *c, const char *xml, struct err *e);
void caps_done(struct caps *c);
