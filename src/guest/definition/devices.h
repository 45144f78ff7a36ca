// The devices of a definition.
#pragma once

#include "base/str.h"
#include "facts.h"
#include "guest/vir/xpath.h"

// Where the disk or network card that is the current node leads. Owned; NULL = nowhere.
char *disk_source(struct xml *x);
char *nic_source(struct xml *x);
// Adds a line for each device that is neither disk, network card nor line.
void devices_list(struct strv *lines, struct xml *x);
// Adds serial lines and consoles.
void lines_list(struct domain_facts *f, struct xml *x);
