// SPDX-License-Identifier: LGPL-2.1-or-later
// A container's configuration, from its text to config and plan.
#pragma once

#include "base/err.h"
#include "bunk/container/container.h"

// C->config_text into C->config. Where the program of its system-call filter is remembered the profile is left out,
// and C->plan has the program already.
int configure_read(struct container *c, struct err *e);
// After the plan of the process is made: warns of capabilities that are not known.
void configure_warn(const struct container *c);
// After the plan is made: remembers the program that was compiled, if it was.
void configure_remember(struct container *c);
