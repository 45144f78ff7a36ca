// Generates the XML of a libvirt network (libvirt.org/formatnetwork.html) from a recipe. Pure.
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"

// Whether the network of P has addresses of its own, a subnet that libvirt serves.
bool network_xml_has_subnet(const struct params *p);
// Adds the XML of the network that P describes. SUBNET is the one to use if P names none. Returns 0, or -EINVAL for an
// invalid value or combination.
int network_xml_make(struct str *xml, const struct params *p, const char *subnet, struct err *e);
