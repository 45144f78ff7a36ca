// What has a file open now: processes, loop devices, another QEMU by its locks.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "ownership.h"

// Sets the users of ITEMS: processes but for the QEMU of UUID, and loop devices.
void users_find(struct stored *items, size_t count, const char *uuid);
// Whether FD's file has the locks of an image in use (QEMU's, on bytes from 100).
bool is_locked_image(int fd);
