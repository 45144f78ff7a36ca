// Checks whether a volume is in use. All return 0 or negative errno.
#pragma once

#include "base/err.h"
#include "volume_call.h"

// Fails unless it is proven that neither a guest, running or not, nor another volume, process or device uses the
// volume.
int volume_check_unused(struct volume_call *c, struct err *e);
// Fails if another volume is based on it: its content must not change.
int volume_check_not_based_on(struct volume_call *c, struct err *e);
// Fails if a process of this host, such as QEMU, or a device has it open.
int volume_check_not_open(struct volume_call *c, struct err *e);
