// SPDX-License-Identifier: LGPL-2.1-or-later
// linux.netDevices.
#pragma once

#include "base/err.h"
#include "bunk/container/container.h"

// The parent saves the addresses and moves the devices to the child, which sets them up.
int net_devices_look(struct container *c, struct err *e);
int net_devices_move(struct container *c, struct err *e);
int net_devices_set_up(const struct container *c, struct err *e);
