// Describes the devices of a definition.
#pragma once

#include "base/str.h"
#include "facts.h"
#include "guest/vir/xpath.h"

// Source of the disk or network interface at the current node. Owned; NULL = none.
char *disk_source(struct xml *x);
char *nic_source(struct xml *x);
// Adds a line for each device that is not a disk, network interface or character device.
void devices_list(struct strv *lines, struct xml *x);
// Adds serial ports, parallel ports and consoles.
void lines_list(struct domain_facts *f, struct xml *x);
