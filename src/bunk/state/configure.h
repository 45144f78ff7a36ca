// SPDX-License-Identifier: LGPL-2.1-or-later
// From the text of a container's configuration to config and plan.
#pragma once

#include "base/err.h"
#include "bunk/container/container.h"

// Parses C->config_text into C->config. If the program of its system-call filter is cached, the profile is left out
// and C->plan already has the program.
int configure_read(struct container *c, struct err *e);
// After planning the process: warns of unknown capabilities.
void configure_warn(const struct container *c);
// After planning: adds a newly compiled program to the cache.
void configure_remember(struct container *c);
