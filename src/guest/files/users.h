// Finds current users of files: processes, loop devices, and other QEMUs by their locks.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "ownership.h"

// Sets the user of each item: a process other than the QEMU of UUID, or a loop device.
void users_find(struct stored *items, size_t count, const char *uuid);
// Whether another QEMU has locked the image open at FD (QEMU locks bytes from 100 up).
bool is_locked_image(int fd);
